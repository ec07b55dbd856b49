import { Link } from "@tanstack/react-router";
import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { shortAddress } from "@/lib/address";
import { Hallmark } from "./hallmark";

export function CopyButton({ text }: { text: string }) {
  const { t } = useTranslation();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 1500);
    return () => clearTimeout(timer);
  }, [copied]);
  const label = copied ? t("common.copied") : t("common.copy");
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      onClick={() => void navigator.clipboard.writeText(text).then(() => setCopied(true))}
      className="inline-flex size-6 shrink-0 items-center justify-center rounded-[4px] text-ink-faint hover:bg-sunken hover:text-ink"
    >
      {copied ? <Check aria-hidden size={14} /> : <Copy aria-hidden size={14} />}
    </button>
  );
}

interface Props {
  address: string;
  name?: string | null;
  copy?: boolean;
  /** Where the name leads: people to their stall, anything else to the explorer. */
  to?: "seller" | "explorer" | "none";
  size?: number;
}

export function Address({ address, name, copy = false, to = "explorer", size = 18 }: Props) {
  const label = name ?? shortAddress(address);
  const text = name ? <span className="truncate">{label}</span> : <span className="truncate font-mono text-[0.92em]">{label}</span>;
  return (
    <span className="inline-flex max-w-full min-w-0 items-center gap-1.5 align-bottom" title={address}>
      <Hallmark address={address} size={size} />
      {to === "none" && text}
      {to === "seller" && (
        <Link to="/sellers/$address" params={{ address }} className="link flex min-w-0">
          {text}
        </Link>
      )}
      {to === "explorer" && (
        <Link to="/explorer/address/$address" params={{ address }} className="link flex min-w-0">
          {text}
        </Link>
      )}
      {copy && <CopyButton text={address} />}
    </span>
  );
}

/** A transaction hash, short, leading to its page. */
export function TransactionLink({ hash, children }: { hash: string; children?: string }) {
  return (
    <Link to="/explorer/tx/$hash" params={{ hash }} className="link font-mono text-[0.92em]" title={hash}>
      {children ?? `${hash.slice(0, 10)}…`}
    </Link>
  );
}
