/* The receipt as one picture to keep: office, code, QR. It is offered as a download and shown below the button too, because
   in-app browsers drop downloads but let a picture be kept by a long press. Every word in it comes from the page. */
const FONT = "sans-serif";

export function attach(button) {
  const { title, caption, note, fileName, textPress, codeFrom, qrFrom } = button.dataset;
  const code = document.getElementById(codeFrom);
  const qr = document.getElementById(qrFrom);
  let shown = null;
  if (!code || !qr) { button.hidden = true; return; }

  function show(address) {
    if (!shown) {
      shown = document.createElement("figure");
      shown.append(document.createElement("figcaption"), new Image());
      button.parentElement.after(shown);
    }
    shown.firstChild.textContent = textPress;
    Object.assign(shown.lastChild, { src: address, alt: `${caption} ${code.textContent.trim()}`, width: 360 });
  }

  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      const { drawReceipt } = await import("../lib/receipt_picture.js");
      const blob = await drawReceipt([
        { text: caption, font: `400 36px ${FONT}`, height: 60 },
        { text: code.textContent.trim().replace(/\s+/g, " "), font: "600 60px monospace", height: 96 },
        { text: title, font: `600 40px ${FONT}`, height: 64, gap: 24 },
        { text: note ?? "", font: `400 32px ${FONT}`, height: 52, gap: 8 },
      ], qr);
      const address = URL.createObjectURL(blob);
      show(address);
      Object.assign(document.createElement("a"), { href: address, download: fileName }).click();
    } finally { button.disabled = false; }
  });
}
