import { useState } from "react";
import type { ArbitrationDetail, ArbitrationSettings } from "@/lib/api/types";
import { sameAddress } from "@/lib/address";
import { useLanguage } from "@/lib/i18n";
import { useNow } from "@/lib/queries";
import { toSeconds } from "@/lib/time";
import { useWallet } from "@/lib/wallet/state";
import { Button } from "@/ui/button";
import { Section } from "@/ui/page";
import { useSigning } from "@/ui/signing/context";
import { openSecretPlan, openVotePlan, sealSecretPlan, sealVotePlan } from "./plans";
import { Deadline, useBlocked } from "./steps";
import { useIsArbiter } from "./use-arbiter";

const OPTIONS = [
  { choice: 1, word: "buyer" },
  { choice: 2, word: "seller" },
  { choice: 0, word: "split" },
] as const;

interface Props {
  found: ArbitrationDetail;
  settings: ArbitrationSettings;
}

type Sealing = Parameters<typeof sealVotePlan>[0];

function Vote({ sealing, until, blocked }: { sealing: Sealing; until: string | null | undefined; blocked: string | null }) {
  const { t } = useLanguage();
  const { sign } = useSigning();
  const [choice, setChoice] = useState<number | null>(null);
  const picked = OPTIONS.find((option) => option.choice === choice);
  return (
    <div>
      <p className="mb-3 max-w-[44rem]">{t("arbitration.vote_text")}</p>
      <Deadline until={until} />
      <fieldset className="my-3">
        <legend className="mb-1 font-semibold">{t("arbitration.your_vote")}</legend>
        {OPTIONS.map((option) => (
          <label key={option.word} className="flex cursor-pointer items-start gap-3 py-1">
            <input type="radio" name="vote" className="mt-1.5 accent-(--accent)" checked={choice === option.choice} onChange={() => setChoice(option.choice)} />
            <span>{t(`ruling.${option.word}`)}</span>
          </label>
        ))}
      </fieldset>
      <Button
        look="primary"
        blocked={blocked ?? (picked === undefined ? t("arbitration.choose") : null)}
        onClick={() => picked && sign(sealVotePlan(sealing, picked.choice, t(`ruling.${picked.word}`)))}
      >
        {t("case_action.commit_vote")}
      </Button>
    </div>
  );
}

/** What the connected arbiter has to do, or has done, in this case. */
export function MyPart({ found, settings }: Props) {
  const { t, locale } = useLanguage();
  const wallet = useWallet();
  const now = useNow();
  const { sign } = useSigning();
  const blocked = useBlocked();
  const round = found.rounds.at(-1);
  if (wallet === null || round === undefined) return null;
  const mine = (arbiter: { address: string }) => sameAddress(arbiter.address, wallet.address);
  const seat = round.seats.find(({ arbiter }) => mine(arbiter));
  const secret = round.secrets.find(({ arbiter }) => mine(arbiter));
  const step = (action: string) => found.next.find((one) => one.action === action);
  const sealing: Sealing = { settings, row: found, account: wallet.address, words: { t, locale } };
  const [seal, open, openSecret] = [step("commit_vote"), step("reveal_vote"), step("reveal_seed")];

  if (found.phase === "voting" && seat !== undefined) {
    return (
      <Section title={t("arbitration.your_seat")}>
        {seal && !seat.committed_at ? (
          <Vote sealing={sealing} until={seal.until} blocked={blocked(seal)} />
        ) : seat.revealed_at ? (
          <p>{t("arbitration.you_voted", { vote: t(`ruling.${seat.choice ?? "split"}`) })}</p>
        ) : seat.commit_tx && open ? (
          <>
            <p className="mb-3 max-w-[44rem]">{t("arbitration.open_text")}</p>
            <Deadline until={open.until} />
            <Button className="mt-3" look="primary" blocked={blocked(open)} onClick={() => sign(openVotePlan(sealing, seat.commit_tx ?? ""))}>
              {t("case_action.reveal_vote")}
            </Button>
          </>
        ) : (
          <p className="text-amber">{t("arbitration.too_late")}</p>
        )}
      </Section>
    );
  }
  if (found.phase !== "evidence" || secret?.state === "opened") return null;
  if (secret !== undefined) {
    return (
      <Section title={t("arbitration.your_secret")} lead={t("arbitration.secret_wait")}>
        <Deadline until={round.evidence_by} />
        <Button className="mt-3" look="primary" blocked={openSecret ? blocked(openSecret) : t("arbitration.no_beacon")} onClick={() => sign(openSecretPlan(sealing))}>
          {t("case_action.reveal_seed")}
        </Button>
      </Section>
    );
  }
  const offer = step("commit_seed");
  return offer && toSeconds(offer.until ?? 0) >= now ? <SecretOffer sealing={sealing} until={offer.until} /> : null;
}

/** Only arbiters are asked; who is none sees nothing of it. */
function SecretOffer({ sealing, until }: { sealing: Sealing; until: string | null | undefined }) {
  const { t } = useLanguage();
  const { sign } = useSigning();
  const isArbiter = useIsArbiter(sealing.account);
  if (!isArbiter) return null;
  return (
    <Section title={t("arbitration.your_secret")} lead={t("arbitration.secret_offer")}>
      <Deadline until={until} />
      <Button className="mt-3" onClick={() => sign(sealSecretPlan(sealing))}>
        {t("case_action.commit_seed")}
      </Button>
    </Section>
  );
}
