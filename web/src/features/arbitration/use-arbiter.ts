import { useQuery } from "@tanstack/react-query";
import { read } from "@/lib/api/read";

export const useArbiter = (account: string | undefined) =>
  useQuery({ ...read("/arbiters/{address}", { path: { address: account ?? "" } }), enabled: account !== undefined });

/** Whether an account can be drawn. */
export const useIsArbiter = (account: string): boolean => useArbiter(account).data?.state === "active";
