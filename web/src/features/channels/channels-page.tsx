import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { read } from "@/lib/api/read";
import { useLanguage } from "@/lib/i18n";
import { Answer, Empty } from "@/ui/answer";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { PageHead, Section } from "@/ui/page";
import { ChannelCard } from "./channel-card";
import { ChannelForm } from "./channel-form";
import { Deliveries } from "./deliveries";

/** A secret is shown once, until it is put away. */
function Drawn({ secret, onClose }: { secret: string | null; onClose: () => void }) {
  const { t } = useLanguage();
  const [copied, setCopied] = useState(false);
  const close = () => {
    setCopied(false);
    onClose();
  };
  return (
    <Dialog open={secret !== null} onClose={close} title={t("channel.secret_title")} lead={t("channel.secret_lead")}>
      <p className="mt-4 rounded-[6px] border border-line bg-raised p-3">
        <code className="text-sm break-all select-all">{secret}</code>
      </p>
      <p className="mt-4 flex flex-wrap gap-3">
        <Button
          look="primary"
          onClick={() => {
            void navigator.clipboard.writeText(secret ?? "").then(() => setCopied(true));
          }}
        >
          {t(copied ? "channel.copied" : "channel.copy")}
        </Button>
        <Button onClick={close}>{t("channel.put_away")}</Button>
      </p>
    </Dialog>
  );
}

function Inside({ cursor }: { cursor: string | undefined }) {
  const { t } = useLanguage();
  const queries = useQueryClient();
  const kinds = useQuery(read("/ops/channel-kinds"));
  const channels = useQuery({ ...read("/ops/channels"), refetchInterval: 5_000 });
  const [adding, setAdding] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const add = (
    <Button look="primary" onClick={() => setAdding(true)}>
      {t("channel.add")}
    </Button>
  );
  return (
    <>
      <Section title={t("channel.channels")} aside={channels.data !== undefined && channels.data.length > 0 ? add : undefined}>
        <Answer query={channels}>
          {(all) =>
            all.length === 0 ? (
              <Empty title={t("channel.none")} text={t("channel.none_text")} action={add} />
            ) : (
              <ul className="ruled">
                {all.map((channel) => (
                  <ChannelCard key={channel.id} channel={channel} kinds={kinds.data ?? []} onSecret={setSecret} />
                ))}
              </ul>
            )
          }
        </Answer>
      </Section>
      <Section title={t("channel.deliveries")} lead={t("channel.deliveries_lead")}>
        <Deliveries cursor={cursor} channels={channels.data ?? []} />
      </Section>
      <Dialog open={adding} onClose={() => setAdding(false)} title={t("channel.add_title")} lead={t("channel.add_lead")}>
        <Answer query={kinds}>
          {(known) => (
            <ChannelForm
              kinds={known}
              onDone={(drawn) => {
                setAdding(false);
                setSecret(drawn);
                void queries.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[0]).startsWith("/ops/") });
              }}
            />
          )}
        </Answer>
      </Dialog>
      <Drawn secret={secret} onClose={() => setSecret(null)} />
    </>
  );
}

/** By which ways the house tells people, and whether they work. */
export function ChannelDesk({ cursor, gate }: { cursor: string | undefined; gate: (inside: ReactNode) => ReactNode }) {
  const { t } = useLanguage();
  return (
    <>
      <PageHead title={t("channel.title")} lead={t("channel.lead")} />
      {gate(<Inside cursor={cursor} />)}
    </>
  );
}
