import { Address } from "@/ui/address";
import { CopyButton } from "@/ui/address";

const isAddress = (text: string) => /^0x[0-9a-fA-F]{40}$/.test(text);

/** One decoded argument, however deep: addresses with their marks, tuples as small ruled lists. */
export function Value({ value }: { value: unknown }) {
  if (Array.isArray(value)) {
    if (value.length === 0) return <span className="text-ink-faint">[ ]</span>;
    return (
      <ol className="min-w-0">
        {value.map((item: unknown, n) => (
          <li key={n} className="flex gap-3 border-b border-line py-1 last:border-0">
            <span className="figures text-sm text-ink-faint">{n}</span>
            <span className="min-w-0">
              <Value value={item} />
            </span>
          </li>
        ))}
      </ol>
    );
  }
  if (typeof value === "object" && value !== null) {
    return (
      <dl className="min-w-0">
        {Object.entries(value).map(([name, item]) => (
          <div key={name} className="grid gap-x-4 py-0.5 sm:grid-cols-[120px_1fr]">
            <dt className="text-sm text-ink-faint">{name}</dt>
            <dd className="min-w-0">
              <Value value={item} />
            </dd>
          </div>
        ))}
      </dl>
    );
  }
  const text = String(value);
  if (isAddress(text)) return <Address address={text} copy />;
  if (text.length > 24 && text.startsWith("0x")) {
    return (
      <span className="flex min-w-0 items-start gap-1 font-mono text-sm break-all">
        {text}
        <CopyButton text={text} />
      </span>
    );
  }
  return <span className="figures break-all">{text}</span>;
}
