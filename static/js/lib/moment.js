/* 11月25日 18:30, by the clock of the office, in the language of the page. */
const ZONE = { timeZone: "Asia/Shanghai" };

export function moment(at) {
  const date = new Date(at);
  const isEnglish = document.documentElement.lang === "en";
  const time = date.toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false, ...ZONE });
  if (isEnglish) return `${date.toLocaleDateString("en-GB", { day: "numeric", month: "short", ...ZONE })} ${time}`;
  const [month, day] = date.toLocaleDateString("en-US", { month: "numeric", day: "numeric", ...ZONE }).split("/");
  return `${month}月${day}日 ${time}`;
}
