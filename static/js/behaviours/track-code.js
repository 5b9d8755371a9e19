/* The receipt's QR leads here with the code behind the #, which no server and no log ever sees. It is taken once, leaves the
   address at once, and is posted. */
const CODE = /^#[0-9A-Za-z \-]{16,40}$/;

export function attach(form) {
  function take() {
    let hash = location.hash;
    try { hash = decodeURIComponent(hash); } catch { return; }
    if (!CODE.test(hash)) return;
    history.replaceState(history.state, "", location.pathname + location.search);
    form.elements.namedItem("code").value = hash.slice(1);
    if (form.requestSubmit) form.requestSubmit();
    else form.submit();
  }
  window.addEventListener("hashchange", take);
  take();
}
