import { useQuery } from "@tanstack/react-query";
import { LockKeyhole, TriangleAlert } from "lucide-react";
import { useLanguage } from "@/lib/i18n";
import { useChain } from "@/lib/queries";
import { publishedKey } from "@/lib/sealing/keys";
import { Address } from "@/ui/address";
import { Field, Input, TextArea } from "@/ui/field";

export interface Destination {
  name: string;
  address: string;
  phone: string;
}

export const NOWHERE: Destination = { name: "", address: "", phone: "" };

/** The lines that are sealed, and whose fingerprint the order carries. */
export const destinationText = ({ name, address, phone }: Destination): string =>
  [name, address, phone].map((line) => line.trim()).filter((line) => line !== "").join("\n");

interface Seller {
  address: string;
  name?: string | null;
}

/** Whether a seller has a key, looked up while the buyer still writes. */
function Recipient({ seller }: { seller: Seller }) {
  const { t } = useLanguage();
  const chain = useChain().data;
  const key = useQuery({
    queryKey: ["/delivery-keys/{address}", "checked", seller.address] as const,
    enabled: chain !== undefined,
    staleTime: 60_000,
    retry: false,
    queryFn: () => (chain === undefined ? null : publishedKey(chain, seller.address)),
  });
  if (key.isPending) return null;
  const sealed = !key.isError && key.data !== null;
  return (
    <li className="flex items-start gap-3 text-[15px]">
      {sealed ? (
        <LockKeyhole aria-hidden size={18} className="mt-0.5 shrink-0 text-safe" />
      ) : (
        <TriangleAlert aria-hidden size={18} className="mt-0.5 shrink-0 text-amber" />
      )}
      <span className="min-w-0">
        <Address address={seller.address} name={seller.name} to="none" /> {t(sealed ? "delivery.sealed_for" : key.isError ? "delivery.bad_key" : "delivery.no_key")}
      </span>
    </li>
  );
}

interface Props {
  value: Destination;
  sellers: readonly Seller[];
  onChange: (value: Destination) => void;
}

/** Where the goods go. It is sealed in this browser for the sellers, and for nobody else. */
export function DeliveryFields({ value, sellers, onChange }: Props) {
  const { t } = useLanguage();
  const set = (change: Partial<Destination>) => onChange({ ...value, ...change });
  return (
    <div className="space-y-4">
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label={t("delivery.name")} optional={t("common.optional")}>
          {(a) => <Input {...a} maxLength={120} autoComplete="name" value={value.name} onChange={(e) => set({ name: e.target.value })} />}
        </Field>
        <Field label={t("delivery.phone")} optional={t("common.optional")}>
          {(a) => <Input {...a} maxLength={40} type="tel" autoComplete="tel" value={value.phone} onChange={(e) => set({ phone: e.target.value })} />}
        </Field>
      </div>
      <Field label={t("delivery.address")} optional={t("common.optional")}>
        {(a) => (
          <TextArea {...a} rows={3} maxLength={600} autoComplete="street-address" value={value.address} onChange={(e) => set({ address: e.target.value })} />
        )}
      </Field>
      <ul className="space-y-2">
        {sellers.map((seller) => (
          <Recipient key={seller.address} seller={seller} />
        ))}
      </ul>
    </div>
  );
}
