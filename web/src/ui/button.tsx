import { Loader2 } from "lucide-react";
import { useId, type ButtonHTMLAttributes, type ReactNode } from "react";

type Look = "primary" | "outline" | "chosen" | "quiet" | "harm";

const LOOKS: Record<Look, string> = {
  primary: "bg-accent text-on-accent hover:bg-accent-hover border-transparent",
  outline: "border-line-strong text-ink hover:border-ink hover:bg-sunken",
  chosen: "border-ink bg-sunken text-ink",
  quiet: "border-transparent text-ink hover:bg-sunken",
  harm: "border-harm text-harm hover:bg-harm hover:text-paper",
};

export const buttonClass = (look: Look = "outline", small = false): string =>
  `inline-flex shrink-0 items-center justify-center gap-2 rounded-[6px] border font-semibold whitespace-nowrap transition-colors ${
    small ? "h-8 px-3 text-[15px]" : "h-10 px-4"
  } ${LOOKS[look]}`;

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: Look;
  small?: boolean;
  busy?: boolean;
  /** Why the button cannot be pressed now. It stays reachable by keyboard, and the reason stands under it. */
  blocked?: ReactNode;
}

export function Button({ look = "outline", small = false, busy = false, blocked, children, className = "", ...rest }: Props) {
  const reasonId = useId();
  const stopped = busy || (blocked !== undefined && blocked !== null && blocked !== false);
  const button = (
    <button
      type="button"
      {...rest}
      aria-disabled={stopped || undefined}
      aria-describedby={blocked ? reasonId : rest["aria-describedby"]}
      onClick={(event) => {
        if (stopped) event.preventDefault();
        else rest.onClick?.(event);
      }}
      className={`${buttonClass(blocked ? "outline" : look, small)} ${blocked ? "border-dashed text-ink-faint hover:bg-transparent hover:border-line-strong" : ""} ${className}`}
    >
      {busy && <Loader2 aria-hidden size={16} className="animate-spin" />}
      {children}
    </button>
  );
  if (!blocked) return button;
  return (
    <span className="inline-flex max-w-full flex-col gap-1">
      {button}
      <span id={reasonId} className="text-sm text-ink-faint">
        {blocked}
      </span>
    </span>
  );
}

interface IconProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  label: string;
}

export function IconButton({ label, className = "", ...rest }: IconProps) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      {...rest}
      className={`inline-flex size-10 shrink-0 items-center justify-center rounded-[6px] text-ink-soft transition-colors hover:bg-sunken hover:text-ink ${className}`}
    />
  );
}
