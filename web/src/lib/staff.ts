import { useSession } from "./queries";

/** Who may look at operations. The server says the same, and is the one that counts. */
export const READERS: readonly string[] = ["operator", "pauser", "admin"];
/** Who may act on the chain for the house. */
export const ACTORS: readonly string[] = ["pauser", "admin"];

/** Whether whoever is signed in has one of these roles. */
export const useHolds = (roles: readonly string[]): boolean => useSession().data?.roles.some((role) => roles.includes(role)) === true;
