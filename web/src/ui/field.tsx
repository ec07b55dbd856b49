import { useId, type InputHTMLAttributes, type ReactNode, type SelectHTMLAttributes, type TextareaHTMLAttributes } from "react";

export const inputClass =
  "h-10 w-full min-w-0 rounded-[6px] border border-line-strong bg-raised px-3 text-ink transition-colors hover:border-ink-faint aria-invalid:border-harm";

interface FieldProps {
  label: string;
  hint?: ReactNode;
  error?: string | null;
  optional?: string;
  children: (attributes: { id: string; "aria-describedby"?: string; "aria-invalid"?: true }) => ReactNode;
}

/** A label, a control, and under it either what is wrong or what helps. */
export function Field({ label, hint, error, optional, children }: FieldProps) {
  const id = useId();
  const noteId = `${id}-note`;
  const note = error ?? hint;
  return (
    <div className="min-w-0">
      <label htmlFor={id} className="mb-1 block font-semibold">
        {label}
        {optional !== undefined && <span className="ml-2 font-normal text-ink-faint">{optional}</span>}
      </label>
      {children({ id, ...(note ? { "aria-describedby": noteId } : {}), ...(error ? { "aria-invalid": true as const } : {}) })}
      {note ? (
        <p id={noteId} className={`mt-1 text-sm ${error ? "text-harm" : "text-ink-faint"}`}>
          {note}
        </p>
      ) : null}
    </div>
  );
}

export const Input = ({ className = "", ...rest }: InputHTMLAttributes<HTMLInputElement>) => (
  <input {...rest} className={`${inputClass} ${className}`} />
);

export const TextArea = ({ className = "", ...rest }: TextareaHTMLAttributes<HTMLTextAreaElement>) => (
  <textarea rows={4} {...rest} className={`${inputClass} h-auto py-2 ${className}`} />
);

export const Select = ({ className = "", ...rest }: SelectHTMLAttributes<HTMLSelectElement>) => (
  <select {...rest} className={`${inputClass} pr-8 ${className}`} />
);

interface CheckProps extends InputHTMLAttributes<HTMLInputElement> {
  label: ReactNode;
}

export const Check = ({ label, ...rest }: CheckProps) => (
  <label className="flex cursor-pointer items-start gap-3 py-1">
    <input type="checkbox" {...rest} className="mt-1 size-4 shrink-0 accent-(--accent)" />
    <span>{label}</span>
  </label>
);
