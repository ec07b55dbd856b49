import { ImagePlus, X } from "lucide-react";
import { useState, type ChangeEvent } from "react";
import { useTranslation } from "react-i18next";
import { uploadMedia } from "@/lib/api/client";
import { IconButton } from "@/ui/button";
import { Picture } from "@/ui/picture";
import type { DraftPicture } from "./draft";

const SIDE_MAX = 1600;
const PICTURES_MAX = 6;
const BYTES_MAX = 2 * 1024 * 1024;

/** Redraws a picture at most 1600 px wide: smaller to load, and without the place and camera a photograph carries. */
async function redraw(file: File): Promise<Blob> {
  const bitmap = await createImageBitmap(file);
  const scale = Math.min(1, SIDE_MAX / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(bitmap.width * scale);
  canvas.height = Math.round(bitmap.height * scale);
  canvas.getContext("2d")?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/webp", 0.86));
  if (blob === null || blob.size > BYTES_MAX) throw new Error("the picture is too large");
  return blob;
}

interface Props {
  pictures: readonly DraftPicture[];
  onChange: (pictures: DraftPicture[]) => void;
  /** Uploading needs a session; this opens one when there is none. */
  ensureSession: () => Promise<void>;
}

export function Pictures({ pictures, onChange, ensureSession }: Props) {
  const { t } = useTranslation();
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState(false);

  const add = async (event: ChangeEvent<HTMLInputElement>) => {
    const files = [...(event.target.files ?? [])].slice(0, PICTURES_MAX - pictures.length);
    event.target.value = "";
    setBusy(true);
    setFailed(false);
    try {
      await ensureSession();
      const added: DraftPicture[] = [];
      for (const file of files) added.push(await uploadMedia(await redraw(file)));
      onChange([...pictures, ...added]);
    } catch {
      setFailed(true);
    } finally {
      setBusy(false);
    }
  };

  return (
    <div>
      <ul className="flex flex-wrap gap-3">
        {pictures.map(({ hash, url }, n) => (
          <li key={hash} className="relative size-28 overflow-hidden rounded-[6px] border border-line">
            <Picture src={url} alt={t("offer.picture", { number: n + 1 })} />
            <IconButton
              label={t("selling.picture_remove", { number: n + 1 })}
              onClick={() => onChange(pictures.filter((picture) => picture.hash !== hash))}
              className="absolute top-1 right-1 !size-7 bg-paper"
            >
              <X aria-hidden size={16} />
            </IconButton>
          </li>
        ))}
        {pictures.length < PICTURES_MAX && (
          <li>
            <label className="flex size-28 cursor-pointer flex-col items-center justify-center gap-1 rounded-[6px] border border-dashed border-line-strong text-center text-sm text-ink-soft hover:border-ink hover:text-ink has-focus-visible:outline-2 has-focus-visible:outline-accent">
              <ImagePlus aria-hidden size={24} />
              {busy ? t("common.loading") : t("selling.picture_add")}
              <input
                type="file"
                multiple
                disabled={busy}
                accept="image/png,image/jpeg,image/webp"
                className="sr-only"
                onChange={(event) => void add(event)}
              />
            </label>
          </li>
        )}
      </ul>
      <p className="mt-1 text-sm text-ink-faint">{t("selling.picture_hint")}</p>
      {failed && (
        <p role="alert" className="mt-1 text-harm">
          {t("selling.picture_failed")}
        </p>
      )}
    </div>
  );
}
