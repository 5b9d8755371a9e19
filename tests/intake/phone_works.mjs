// Solves one challenge with the page's own script: argv is the challenge as JSON; prints the header's value.
const { solve } = await import(new URL("../../static/offline/work.js", import.meta.url));
console.log(await solve(JSON.parse(process.argv[2])));
