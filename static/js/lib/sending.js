/* Which draft this tab is sending: a random id and the form's address, in the tab's own short memory; nothing a person wrote. */
const KEY = "sending";

export const sending = {
  note(draft) { try { sessionStorage.setItem(KEY, JSON.stringify({ draft, from: location.href.split("#")[0] })); } catch { /* Then the draft stays. */ } },
  read() { try { return JSON.parse(sessionStorage.getItem(KEY)); } catch { return null; } },
  forget() { try { sessionStorage.removeItem(KEY); } catch { /* Nothing was noted. */ } },
};
