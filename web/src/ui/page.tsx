import { useEffect, type ReactNode } from "react";

interface HeadProps {
  title: ReactNode;
  /** The tab's title when the heading is not plain text. */
  name?: string;
  lead?: ReactNode;
  aside?: ReactNode;
  above?: ReactNode;
}

export function usePageTitle(name: string) {
  useEffect(() => {
    document.title = name === "" ? "Guildhall" : `${name} · Guildhall`;
  }, [name]);
}

export function PageHead({ title, name, lead, aside, above }: HeadProps) {
  usePageTitle(name ?? (typeof title === "string" ? title : ""));
  return (
    <div className="rule-double mb-8 pt-8 pb-6">
      {above !== undefined && <div className="mb-2 text-ink-soft">{above}</div>}
      <div className="flex flex-wrap items-end justify-between gap-x-8 gap-y-4">
        <div className="max-w-[44rem] min-w-0">
          <h1 className="text-[34px] break-words md:text-[42px]">{title}</h1>
          {lead !== undefined && <div className="mt-2 text-[17px] text-ink-soft">{lead}</div>}
        </div>
        {aside !== undefined && <div className="flex flex-wrap items-center gap-3">{aside}</div>}
      </div>
    </div>
  );
}

interface SectionProps {
  title: ReactNode;
  lead?: ReactNode;
  aside?: ReactNode;
  children: ReactNode;
  className?: string;
}

export function Section({ title, lead, aside, children, className = "" }: SectionProps) {
  return (
    <section className={`mb-12 min-w-0 ${className}`}>
      <div className="section-head mb-4 flex flex-wrap items-baseline justify-between gap-x-6 gap-y-2 border-b border-line pb-2">
        <h2 className="text-2xl">{title}</h2>
        {aside}
      </div>
      {lead !== undefined && <p className="mb-4 max-w-[44rem] text-ink-soft">{lead}</p>}
      {children}
    </section>
  );
}

/** One figure with its name: the smallest chart there is. */
export function Figure({ label, children, note }: { label: ReactNode; children: ReactNode; note?: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="overline-label">{label}</dt>
      <dd className="figures mt-1 font-serif text-[22px] leading-tight font-medium break-words text-title md:text-[28px] [&_.whitespace-nowrap]:whitespace-normal">{children}</dd>
      {note !== undefined && <dd className="mt-1 text-sm text-ink-faint">{note}</dd>}
    </div>
  );
}

export const Figures = ({ children }: { children: ReactNode }) => (
  <dl className="mb-10 grid grid-cols-2 gap-x-6 gap-y-6 md:grid-cols-4">{children}</dl>
);

/** Term and value, one under the other, ruled like a ledger. */
export function Facts({ rows }: { rows: readonly (readonly [ReactNode, ReactNode])[] }) {
  return (
    <dl className="ruled @container">
      {rows.map(([term, value], n) => (
        <div key={n} className="grid grid-cols-1 gap-x-6 border-b border-line py-2.5 @xs:grid-cols-[112px_1fr] @xl:grid-cols-[200px_1fr]">
          <dt className="min-w-0 text-ink-soft">{term}</dt>
          <dd className="min-w-0 break-words">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
