import { createContext, lazy, Suspense, useCallback, useContext, useMemo, useState, type ReactNode } from "react";
import type { Plan } from "./plan";

interface Signing {
  /** Opens the sheet that explains a plan, and carries it out once it is signed. */
  sign: (plan: Plan) => void;
  /** Opens the choice of wallets. */
  connect: () => void;
}

const Context = createContext<Signing | null>(null);

// The sheets bring the wallet library along, so they load with the first press and not with the page.
const SignSheet = lazy(() => import("./sign-sheet"));
const ConnectSheet = lazy(() => import("./connect-sheet"));

export function SigningProvider({ children }: { children: ReactNode }) {
  const [plan, setPlan] = useState<Plan | null>(null);
  const [connecting, setConnecting] = useState(false);
  const closePlan = useCallback(() => setPlan(null), []);
  const value = useMemo(() => ({ sign: setPlan, connect: () => setConnecting(true) }), []);
  return (
    <Context.Provider value={value}>
      {children}
      <Suspense fallback={null}>
        {plan !== null && <SignSheet plan={plan} onClose={closePlan} onConnect={value.connect} />}
        {connecting && <ConnectSheet onClose={() => setConnecting(false)} />}
      </Suspense>
    </Context.Provider>
  );
}

export function useSigning(): Signing {
  const signing = useContext(Context);
  if (signing === null) throw new Error("useSigning needs a SigningProvider above it");
  return signing;
}
