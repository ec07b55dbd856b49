import { useState } from "react";
import { StillLife } from "./still-life";

interface Props {
  src: string | null | undefined;
  alt: string;
  /** The category whose drawing stands in when there is no picture. */
  kind?: string;
  eager?: boolean;
}

/** An offer's picture, or, where there is none, a plain still life in the same ink. */
export function Picture({ src, alt, kind, eager = false }: Props) {
  const [failed, setFailed] = useState(false);
  if (!src || failed) return <StillLife kind={kind} label={alt} />;
  return (
    <img
      src={src}
      alt={alt}
      width={640}
      height={480}
      loading={eager ? "eager" : "lazy"}
      decoding="async"
      onError={() => setFailed(true)}
      className="block size-full bg-sunken object-cover dark:brightness-90"
    />
  );
}
