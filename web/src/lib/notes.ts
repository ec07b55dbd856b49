import { createStore } from "./store";

/**
 * Texts whose fingerprint is on the chain and which themselves are not: delivery notes and tracking numbers. They stay
 * in this browser; whoever is given the text and its salt can check it against the chain.
 */
export interface Note {
  text: string;
  salt: string;
}

type Notes = Record<string, Note>;

const NOTES_MAX = 500;

function parse(raw: unknown): Notes {
  if (typeof raw !== "object" || raw === null) return {};
  return Object.fromEntries(
    Object.entries(raw as Record<string, unknown>).filter((entry): entry is [string, Note] => {
      const note = entry[1] as Partial<Note> | null;
      return typeof note?.text === "string" && typeof note.salt === "string";
    }),
  );
}

const store = createStore<Notes>("guildhall.notes", parse);

export const NO_NOTE = `0x${"0".repeat(64)}` as const;

/** What is hashed: the salt on a line of its own, then the text exactly as it was written. */
export const preimage = ({ text, salt }: Note): string => (salt === "" ? text : `${salt}\n${text}`);

export function newSalt(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function rememberNote(hash: string, note: Note) {
  const kept = Object.entries(store.get()).slice(-(NOTES_MAX - 1));
  store.set({ ...Object.fromEntries(kept), [hash.toLowerCase()]: note });
}

export function forgetNote(hash: string) {
  const { [hash.toLowerCase()]: _, ...rest } = store.get();
  store.set(rest);
}

export const useNote = (hash: string | null | undefined): Note | undefined => store.use()[hash?.toLowerCase() ?? ""];
