import { Info as InfoIcon } from "lucide-react";
import { Popover } from "radix-ui";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

/** The definition behind a figure. */
export function Info({ children }: { children: ReactNode }) {
  const { t } = useTranslation();
  return (
    <Popover.Root>
      <Popover.Trigger
        aria-label={t("common.definition")}
        className="inline-flex size-6 items-center justify-center rounded-full text-ink-faint hover:text-ink"
      >
        <InfoIcon aria-hidden size={16} />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          sideOffset={4}
          collisionPadding={12}
          className="z-50 max-w-[320px] rounded-[6px] border border-line-strong bg-raised p-4 text-[15px] shadow-[0_4px_24px_rgb(0_0_0/0.16)]"
        >
          {children}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
