/** A picture among evidence. */
export interface EvidenceFile {
  name: string;
  mime: string;
  data: string;
}

const SIDE_MAX = 1400;
const BYTES_MAX = 480 * 1024;

/** Redraws a picture small enough to be kept, without the place and camera a photograph carries. */
export async function readPicture(file: File): Promise<EvidenceFile> {
  const bitmap = await createImageBitmap(file);
  for (let side = SIDE_MAX; side > 300; side = Math.round(side * 0.7)) {
    const scale = Math.min(1, side / Math.max(bitmap.width, bitmap.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(bitmap.width * scale));
    canvas.height = Math.max(1, Math.round(bitmap.height * scale));
    canvas.getContext("2d")?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    const [head = "", data = ""] = canvas.toDataURL("image/webp", 0.82).split(",");
    if ((data.length * 3) / 4 <= BYTES_MAX) {
      bitmap.close();
      return { name: file.name, mime: head.slice(5).replace(";base64", ""), data };
    }
  }
  bitmap.close();
  throw new Error("the picture is too large");
}

/** JSON with sorted keys and no spaces: what the hash on the chain is taken of. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`).join(",")}}`;
}
