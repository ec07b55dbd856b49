import { Link } from "@tanstack/react-router";

export const Logo = () => (
  <Link to="/" className="flex items-center gap-2.5" aria-label="Guildhall">
    <svg aria-hidden viewBox="0 0 32 32" width={30} height={30}>
      <path fill="var(--accent)" d="M9 1h14l8 8v14l-8 8H9l-8-8V9z" />
      <path
        fill="none"
        stroke="var(--on-accent)"
        strokeWidth={2.4}
        strokeLinecap="round"
        strokeLinejoin="round"
        d="M7 25.5h18M7 13.5 16 7l9 6.5M10 14v11M22 14v11M16 25.5V18m-2.5 0h5"
      />
    </svg>
    <span className="font-serif text-[25px] leading-none font-bold text-title">Guildhall</span>
  </Link>
);
