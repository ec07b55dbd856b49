import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { client } from "@/lib/api/client";
import type { OpsChannel, OpsChannelKind } from "@/lib/api/types";
import { useLanguage } from "@/lib/i18n";
import { useStepUp } from "@/features/security/step-up";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Facts } from "@/ui/page";
import { When } from "@/ui/when";
import { ChannelForm } from "./channel-form";
import { ChannelState } from "./state";

interface Props {
  channel: OpsChannel;
  kinds: OpsChannelKind[];
  onSecret: (secret: string) => void;
}

/** One channel: whether it works, what it tells, and what staff do with it. */
export function ChannelCard({ channel, kinds, onSecret }: Props) {
  const { t } = useLanguage();
  const queries = useQueryClient();
  const { guarded, question } = useStepUp();
  const [open, setOpen] = useState<"change" | "remove" | "rotate" | null>(null);
  const path = { params: { path: { id: channel.id } } };
  const refresh = () => queries.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[0]).startsWith("/ops/") });
  const act = useMutation({
    mutationFn: async (what: "remove" | "rotate" | "switch") => {
      if (what === "remove") await client.DELETE("/ops/channels/{id}", path);
      if (what === "switch") await client.PUT("/ops/channels/{id}/state", { ...path, body: { on: channel.state !== "on" } });
      if (what === "rotate") {
        const { data } = await client.POST("/ops/channels/{id}/secret", path);
        if (data?.secret != null) onSecret(data.secret);
      }
      setOpen(null);
      await refresh();
    },
  });
  const test = useMutation({
    mutationFn: async () => {
      const { data } = await client.POST("/ops/channels/{id}/tests", path);
      await refresh();
      return data;
    },
  });
  const signs = kinds.find(({ kind }) => kind === channel.kind)?.signs === true;
  const settings = Object.entries(channel.settings).filter(([name]) => name !== "authority");
  const marks = Object.entries(channel.fingerprints);
  const tells = channel.customers
    ? t("channel.tells_customers")
    : `${t(`channel.severity_of.${channel.severity}`)} · ${channel.wait_minutes === 0 ? t("channel.at_once") : t("channel.after", { count: channel.wait_minutes })}`;
  return (
    <li className="border-b border-line py-5">
      <p className="mb-3 flex flex-wrap items-baseline gap-x-4 gap-y-1">
        <span className="min-w-0 font-serif text-xl break-words text-title">{channel.name}</span>
        <span className="text-ink-soft">{t(`channel.kind.${channel.kind}`)}</span>
        <ChannelState channel={channel} />
      </p>
      <Facts
        rows={[
          [t("channel.tells"), tells],
          ...settings.map(([name, value]) => [t(`channel.field.${name}`), <span key={name} className="break-all">{value}</span>] as const),
          ...marks.map(([name, mark]) => [t(`channel.field.${name}`), t("channel.mark", { mark })] as const),
          [t("channel.delivered_at"), channel.delivered_at == null ? t("channel.never") : <When key="at" at={channel.delivered_at} />],
          [
            t("channel.backlog"),
            channel.waiting + channel.held + channel.failed === 0
              ? t("channel.no_backlog")
              : t("channel.backlog_of", { waiting: channel.waiting, held: channel.held, failed: channel.failed }),
          ],
          ...(channel.fault === "" ? [] : [[t("channel.fault"), <span key="fault" className="text-harm">{channel.fault}</span>] as const]),
          ...(channel.rotates_until == null ? [] : [[t("channel.rotates"), <When key="until" at={channel.rotates_until} />] as const]),
        ]}
      />
      <p className="mt-4 flex flex-wrap gap-3">
        <Button small busy={test.isPending} onClick={() => test.mutate()}>
          {t("channel.test")}
        </Button>
        <Button small onClick={() => setOpen("change")}>
          {t("channel.change")}
        </Button>
        {signs && (
          <Button small onClick={() => setOpen("rotate")}>
            {t("channel.rotate")}
          </Button>
        )}
        <Button small busy={act.isPending} onClick={() => guarded(() => act.mutate("switch"))}>
          {t(channel.state === "on" ? "channel.switch_off" : "channel.switch_on")}
        </Button>
        <Button small look="harm" onClick={() => setOpen("remove")}>
          {t("channel.remove")}
        </Button>
      </p>
      <div aria-live="polite">
        {test.data !== undefined && (
          <p className={`mt-3 ${test.data.delivered ? "text-safe" : "text-harm"}`}>
            {test.data.delivered ? t("channel.test_arrived") : t("channel.test_failed", { message: test.data.fault ?? "" })}
          </p>
        )}
        {(act.isError || test.isError) && (
          <p role="alert" className="mt-3 text-harm">
            {t("channel.failed", { message: (act.error ?? test.error)?.message ?? "" })}
          </p>
        )}
      </div>
      <Dialog open={open === "change"} onClose={() => setOpen(null)} title={t("channel.change_title", { name: channel.name })} lead={t("channel.change_lead")}>
        <ChannelForm
          kinds={kinds}
          channel={channel}
          onDone={() => {
            setOpen(null);
            void refresh();
          }}
        />
      </Dialog>
      <Dialog
        open={open === "remove" || open === "rotate"}
        onClose={() => setOpen(null)}
        title={t(open === "rotate" ? "channel.rotate" : "channel.remove")}
        lead={t(open === "rotate" ? "channel.rotate_sure" : "channel.remove_sure", { name: channel.name })}
      >
        <p className="mt-6">
          <Button look={open === "rotate" ? "primary" : "harm"} busy={act.isPending} onClick={() => guarded(() => act.mutate(open === "rotate" ? "rotate" : "remove"))}>
            {t(open === "rotate" ? "channel.rotate" : "channel.remove")}
          </Button>
        </p>
      </Dialog>
      {question}
    </li>
  );
}
