/** The rights of the house, in the order of their numbers in the contract that keeps them. */
export const ROLES = ["admin", "operator", "pauser", "minter", "upgrader", "carrier", "anchorer", "certifier"] as const;
