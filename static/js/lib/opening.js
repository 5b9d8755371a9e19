/* Which draft the next form in this tab is to open: a random id, or the word that none is wanted. Taken once. */
const KEY = "opening";

export const opening = {
  FRESH: "fresh",
  fresh() { this.note(this.FRESH); },
  note(draft) { try { sessionStorage.setItem(KEY, draft); } catch { /* Then the newest one opens. */ } },
  take() {
    try {
      const found = sessionStorage.getItem(KEY);
      sessionStorage.removeItem(KEY);
      return found;
    } catch { return null; }
  },
};
