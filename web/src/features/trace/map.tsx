import type { TraceStep } from "@/lib/api/types";
import { localized, useLanguage } from "@/lib/i18n";

interface Stop {
  id: string;
  name: string;
  latitude: number;
  longitude: number;
}

const WIDTH = 440;
const HEIGHT = 240;
const MARGIN = 48;

/** The places of the way in the order they were reached, each once in a row. */
function useStops(steps: readonly TraceStep[]): Stop[] {
  const { language } = useLanguage();
  const stops: Stop[] = [];
  for (const { place } of steps) {
    if (place == null || place.latitude == null || place.longitude == null) continue;
    const last = stops.at(-1);
    if (last?.latitude === place.latitude && last.longitude === place.longitude) continue;
    const name = place.city != null ? localized(place.city, language) : place.name != null ? localized(place.name, language) : place.id;
    stops.push({ id: place.id, name, latitude: place.latitude, longitude: place.longitude });
  }
  return stops;
}

/** Stretches the stops over the sheet without bending their shape. */
function project(stops: readonly Stop[]) {
  const middle = stops.reduce((sum, stop) => sum + stop.latitude, 0) / Math.max(stops.length, 1);
  const flat = stops.map((stop) => [stop.longitude * Math.cos((middle * Math.PI) / 180), -stop.latitude] as const);
  const [xs, ys] = [flat.map(([x]) => x), flat.map(([, y]) => y)];
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  const scale = Math.min((WIDTH - 2 * MARGIN) / Math.max(Math.max(...xs) - left, 0.5), (HEIGHT - 2 * MARGIN) / Math.max(Math.max(...ys) - top, 0.5));
  const [across, down] = [(Math.max(...xs) - left) * scale, (Math.max(...ys) - top) * scale];
  return flat.map(([x, y]) => [(WIDTH - across) / 2 + (x - left) * scale, (HEIGHT - down) / 2 + (y - top) * scale] as const);
}

/** The way as a surveyor would sketch it: no tiles, nothing fetched from elsewhere. */
export function JourneyMap({ steps }: { steps: readonly TraceStep[] }) {
  const { t } = useLanguage();
  const stops = useStops(steps);
  if (stops.length < 2) return null;
  const points = project(stops);
  const path = points.map(([x, y], n) => {
    const before = points[n - 1];
    if (before === undefined) return `M${x},${y}`;
    return `Q${(before[0] + x) / 2},${(before[1] + y) / 2 - 22} ${x},${y}`;
  });
  return (
    <figure className="mb-8">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} className="w-full rounded-[6px] bg-sunken" role="img" aria-label={t("trace.map", { places: stops.map(({ name }) => name).join(" → ") })}>
        <g stroke="var(--line-strong)" strokeWidth="0.6" opacity="0.55">
          {[1, 2, 3, 4, 5, 6, 7, 8].map((n) => (
            <line key={n} x1={n * 50} y1="0" x2={n * 50} y2={HEIGHT} />
          ))}
          {[1, 2, 3].map((n) => (
            <line key={n} x1="0" y1={n * 60} x2={WIDTH} y2={n * 60} />
          ))}
        </g>
        <path d={path.join(" ")} fill="none" stroke="var(--accent)" strokeWidth="3" strokeDasharray="2 8" strokeLinecap="round" />
        {points.map(([x, y], n) => (
          <g key={`${stops[n]?.id}${n}`}>
            <circle cx={x} cy={y} r={n === points.length - 1 ? 9 : 6} fill="var(--paper)" stroke="var(--accent)" strokeWidth="3" />
            <text x={x < 90 ? x - 8 : x > WIDTH - 90 ? x + 8 : x} y={y + (n % 2 === 0 ? 32 : -18)} textAnchor={x < 90 ? "start" : x > WIDTH - 90 ? "end" : "middle"} fontSize="20" fontFamily="var(--font-serif)" fill="var(--title)" stroke="var(--sunken)" strokeWidth="5" paintOrder="stroke">
              {stops[n]?.name}
            </text>
          </g>
        ))}
      </svg>
    </figure>
  );
}
