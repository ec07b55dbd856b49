import { useRouter, type ErrorComponentProps } from "@tanstack/react-router";
import { Trouble } from "@/ui/answer";

export function RouteTrouble({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  const retry = () => {
    reset();
    void router.invalidate();
  };
  return <Trouble error={error} onRetry={retry} />;
}
