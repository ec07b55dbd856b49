import { useState } from "react";

/** An offer's picture, or, where there is none, a plain still life in the same ink. */
export function Picture({ src, alt, eager = false }: { src: string | null | undefined; alt: string; eager?: boolean }) {
  const [failed, setFailed] = useState(false);
  if (!src || failed) {
    return (
      <svg {...(alt === "" ? { "aria-hidden": true } : { role: "img", "aria-label": alt })} viewBox="0 0 320 300" className="block size-full bg-sunken">
        <path d="M0 222h320" stroke="var(--line-strong)" strokeWidth={1.5} />
        <g fill="var(--raised)" stroke="var(--ink-soft)" strokeWidth={3} strokeLinejoin="round" strokeLinecap="round">
          <path d="M104 118h112v92H104z" />
          <path d="M104 118l16-22h80l16 22M160 96v40M104 150h112" />
        </g>
      </svg>
    );
  }
  return (
    <img
      src={src}
      alt={alt}
      width={640}
      height={600}
      loading={eager ? "eager" : "lazy"}
      decoding="async"
      onError={() => setFailed(true)}
      className="block size-full bg-sunken object-cover dark:brightness-90"
    />
  );
}
