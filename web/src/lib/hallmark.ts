/**
 * A hallmark is a merchant's mark inside a seal: an outline, an upright staff, and a head, a bar, a foot and side
 * strokes, each picked by a hash over all twenty bytes of the address. Two addresses that look alike in their first and
 * last digits therefore have nothing in common here. Everything is drawn on a 24-unit grid with strokes of 2 units and
 * more, so that a mark still reads at 16 px and in one colour.
 */
export interface Hallmark {
  outline: string;
  strokes: string[];
  /** A filled seal with the mark cut out, or an open one with the mark drawn in. */
  filled: boolean;
  /** Which of the six inks; a help, never the only difference. */
  ink: number;
}

const OUTLINES = [
  "M12 .8A11.2 11.2 0 1 1 12 23.2 11.2 11.2 0 0 1 12 .8Z",
  "M2 1.5h20v12.5c0 4.5-4.5 7.2-10 9.3C6.5 21.2 2 18.5 2 14Z",
  "M7.5 1h9L23 7.5v9L16.5 23h-9L1 16.5v-9Z",
  "M12 .5 23.5 12 12 23.5.5 12Z",
  "M3.5 1.5h17a2 2 0 0 1 2 2v17a2 2 0 0 1-2 2h-17a2 2 0 0 1-2-2v-17a2 2 0 0 1 2-2Z",
  "M6.2 1.5h11.6L23.5 12l-5.7 10.5H6.2L.5 12Z",
  "M12 .8c5 0 9 4.5 9 11.2s-4 11.2-9 11.2S3 18.7 3 12 7 .8 12 .8Z",
  "M1.5 22.5V11.5a10.5 10.5 0 0 1 21 0v11Z",
] as const;

const HEADS = ["M8 8.5 12 5l4 3.5", "M8.5 5h7", "M8 5l4 4 4-4", "M12 5h4.5v3.5H12", "M12 8.5H7.5L12 5", "M9.5 7.5a2.5 2.5 0 1 1 5 0 2.5 2.5 0 0 1-5 0Z", "M8 5v3.5h8V5", "M8.5 5.2l7 3.6M15.5 5.2l-7 3.6"] as const;
const BARS = ["", "M8 12h8", "M8 13.5l8-3", "M8 10.5l8 3", "M8 11h8M8.5 14h7", "M12 12h4.5", "M7.5 12H12", "M8.5 10l3.5 3.5L15.5 10"] as const;
const FEET = ["", "M8 19h8", "M8 19l4-3.5 4 3.5", "M8 16c0 4 8 4 8 0", "M12 19h4.5v-3", "M12 19H7.5v-3", "M9.5 17a2.5 2.5 0 1 1 5 0 2.5 2.5 0 0 1-5 0Z", "M12 15.5l3 2-3 2-3-2Z"] as const;
const SIDES = ["", "M7.5 11v3", "M16.5 11v3", "M7.5 11v3M16.5 11v3"] as const;

/** FNV-1a over the bytes, then a finaliser, so that one changed bit changes every choice. */
function mix(bytes: readonly number[], seed: number): number {
  let hash = (0x811c9dc5 ^ seed) >>> 0;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35) >>> 0;
  return (hash ^ (hash >>> 16)) >>> 0;
}

const pick = <T>(from: readonly T[], value: number): T => from[value % from.length] as T;

export function hallmark(address: string): Hallmark {
  const digits = address.toLowerCase().replace(/^0x/, "");
  const bytes = (digits.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16) & 0xff);
  const shape = mix(bytes, 1);
  const mark = mix(bytes, 2);
  return {
    outline: pick(OUTLINES, shape),
    filled: (shape >>> 8) % 3 !== 0,
    ink: (shape >>> 16) % 6,
    strokes: [
      "M12 5v14",
      pick(HEADS, mark),
      pick(BARS, mark >>> 4),
      pick(FEET, mark >>> 8),
      pick(SIDES, mark >>> 12),
    ].filter((stroke) => stroke !== ""),
  };
}
