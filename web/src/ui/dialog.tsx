import { X } from "lucide-react";
import { Dialog as Primitive } from "radix-ui";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { IconButton } from "./button";

interface Props {
  open: boolean;
  onClose: () => void;
  title: string;
  lead?: ReactNode;
  children: ReactNode;
  /** While money is moving, a stray click outside must not hide what is happening. */
  held?: boolean;
}

export function Dialog({ open, onClose, title, lead, children, held = false }: Props) {
  const { t } = useTranslation();
  const stay = (event: Event) => {
    if (held) event.preventDefault();
  };
  return (
    <Primitive.Root open={open} onOpenChange={(next) => !next && !held && onClose()}>
      <Primitive.Portal>
        <Primitive.Overlay className="fixed inset-0 z-40 bg-black/45" />
        <Primitive.Content
          onPointerDownOutside={stay}
          onEscapeKeyDown={stay}
          {...(lead === undefined ? { "aria-describedby": undefined } : {})}
          className="fixed inset-x-0 bottom-0 z-50 mx-auto max-h-[92dvh] w-full max-w-[560px] overflow-y-auto rounded-t-[6px] border border-line-strong bg-paper p-6 shadow-[0_8px_40px_rgb(0_0_0/0.25)] md:inset-x-auto md:top-1/2 md:bottom-auto md:left-1/2 md:-translate-x-1/2 md:-translate-y-1/2 md:rounded-[6px] md:p-8"
        >
          <div className="flex items-start justify-between gap-4">
            <Primitive.Title className="text-2xl">{title}</Primitive.Title>
            {!held && (
              <Primitive.Close asChild>
                <IconButton label={t("common.close")} className="-mt-1 -mr-2">
                  <X aria-hidden size={20} />
                </IconButton>
              </Primitive.Close>
            )}
          </div>
          {lead !== undefined && (
            <Primitive.Description asChild>
              <div className="mt-2 text-ink-soft">{lead}</div>
            </Primitive.Description>
          )}
          {children}
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  );
}
