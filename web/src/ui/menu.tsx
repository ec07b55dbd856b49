import { Check } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import type { ReactNode } from "react";

export function Menu({ trigger, children }: { trigger: ReactNode; children: ReactNode }) {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="end"
          sideOffset={6}
          collisionPadding={8}
          className="z-50 min-w-48 rounded-[6px] border border-line-strong bg-raised p-1 shadow-[0_4px_24px_rgb(0_0_0/0.16)]"
        >
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

interface ItemProps {
  children: ReactNode;
  onSelect: () => void;
  checked?: boolean;
}

const ITEM =
  "flex min-h-9 cursor-pointer items-center gap-3 rounded-[4px] px-3 py-1 outline-none data-highlighted:bg-sunken";

export function MenuItem({ children, onSelect, checked }: ItemProps) {
  if (checked === undefined) {
    return (
      <DropdownMenu.Item className={ITEM} onSelect={onSelect}>
        {children}
      </DropdownMenu.Item>
    );
  }
  return (
    <DropdownMenu.CheckboxItem className={ITEM} checked={checked} onSelect={onSelect}>
      <span className="grow">{children}</span>
      <DropdownMenu.ItemIndicator>
        <Check aria-hidden size={16} className="text-accent-ink" />
      </DropdownMenu.ItemIndicator>
    </DropdownMenu.CheckboxItem>
  );
}

export const MenuLabel = ({ children }: { children: ReactNode }) => (
  <DropdownMenu.Label className="overline-label px-3 pt-2 pb-1">{children}</DropdownMenu.Label>
);

export const MenuRule = () => <DropdownMenu.Separator className="my-1 border-t border-line" />;
