import { useRouter } from "@tanstack/react-router";
import { CircleCheck, Loader2, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { isDemoWallet } from "@/lib/wallet/state";
import { Address, TransactionLink } from "@/ui/address";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { failureText } from "./failure-text";
import type { Plan } from "./plan";
import { useFlow, type Step } from "./use-flow";

const Part = ({ title, children }: { title: string; children: ReactNode }) => (
  <section className="mt-6">
    <h3 className="overline-label mb-1 font-sans">{title}</h3>
    {children}
  </section>
);

function Explanation({ plan, flow }: { plan: Plan; flow: ReturnType<typeof useFlow> }) {
  const { t } = useTranslation();
  const { chain, wallet } = flow;
  return (
    <>
      <Part title={t("sign.who_gets_what")}>
        <dl className="border-t border-line">
          {plan.effects.map(({ who, what }, n) => (
            <div key={n} className="flex flex-wrap items-baseline justify-between gap-x-6 border-b border-line py-2">
              <dt className="min-w-0 text-ink-soft">{who}</dt>
              <dd className="text-right font-semibold">{what}</dd>
            </div>
          ))}
        </dl>
      </Part>
      {plan.back.length > 0 && (
        <Part title={t("sign.comes_back")}>
          <ul className="list-disc space-y-1 pl-5 text-ink">
            {plan.back.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </Part>
      )}
      <Part title={t("sign.cost")}>
        <p>{chain?.gas_free ? t("sign.cost_free") : t("sign.cost_network")}</p>
      </Part>
      {chain !== undefined && (
        <p className="mt-6 flex flex-wrap items-center gap-2 border-t border-line pt-4 text-sm text-ink-soft">
          {t(plan.contract === undefined ? "sign.contract" : `sign.contract_${plan.contract.name}`)}
          <Address address={plan.contract?.address ?? chain.contracts.market} to="none" copy />
        </p>
      )}
      {wallet !== null && isDemoWallet(wallet) && <p className="mt-2 text-sm text-amber">{t("sign.demo_wallet")}</p>}
    </>
  );
}

function CheckLine({ step }: { step: Step }) {
  const { t } = useTranslation();
  if (step.name !== "review" || step.check === "skipped") return null;
  return (
    <p role="status" className="mt-4 flex items-center gap-2 text-sm">
      {step.check === "running" ? (
        <Loader2 aria-hidden size={16} className="animate-spin text-ink-faint" />
      ) : (
        <CircleCheck aria-hidden size={16} className="text-safe" />
      )}
      <span className={step.check === "running" ? "text-ink-faint" : "text-safe"}>{t(`sign.check_${step.check}`)}</span>
    </p>
  );
}

function ReceiptView({ step, onClose }: { step: Extract<Step, { name: "done" }>; onClose: () => void }) {
  const { t } = useTranslation();
  const router = useRouter();
  const { receipt, outcome } = step;
  return (
    <div role="status">
      <p className="mt-4 flex items-start gap-3 text-[17px]">
        <CircleCheck aria-hidden size={24} className="mt-0.5 shrink-0 text-safe" />
        {outcome.text}
      </p>
      <Part title={t("sign.proof")}>
        <p onClick={onClose}>
          <TransactionLink hash={receipt.hash}>{`${receipt.hash.slice(0, 18)}…${receipt.hash.slice(-8)}`}</TransactionLink>
        </p>
        <p className="figures text-sm text-ink-soft">{t("sign.in_block", { number: receipt.blockNumber.toString() })}</p>
      </Part>
      <div className="mt-6 flex flex-wrap gap-3">
        {outcome.links.map(({ href, label }, n) => (
          <Button
            key={href}
            look={n === 0 ? "primary" : "outline"}
            onClick={() => {
              onClose();
              router.history.push(href);
            }}
          >
            {label}
          </Button>
        ))}
        <Button look={outcome.links.length === 0 ? "primary" : "quiet"} onClick={onClose}>
          {t("common.close")}
        </Button>
      </div>
    </div>
  );
}

interface Props {
  plan: Plan;
  onClose: () => void;
  onConnect: () => void;
}

export default function SignSheet({ plan, onClose, onConnect }: Props) {
  const { t } = useTranslation();
  const flow = useFlow(plan);
  const { step, wallet, rightSigner, confirm, check } = flow;
  if (step.name === "done") {
    return (
      <Dialog open onClose={onClose} title={step.outcome.title}>
        <ReceiptView step={step} onClose={onClose} />
      </Dialog>
    );
  }
  const working = step.name === "working";
  return (
    <Dialog open onClose={onClose} title={plan.title} held={working}>
      <Explanation plan={plan} flow={flow} />
      {rightSigner && <CheckLine step={step} />}
      {step.name === "failed" && (
        <p role="alert" className="mt-4 flex items-start gap-3 text-harm">
          <TriangleAlert aria-hidden size={20} className="mt-0.5 shrink-0" />
          {failureText(step.failure, t)}
        </p>
      )}
      {!rightSigner && wallet !== null && plan.signer !== undefined && (
        <p role="alert" className="mt-4 text-amber">
          {t("sign.other_wallet")} <Address address={plan.signer} to="none" />
        </p>
      )}
      <div className="mt-6 flex flex-wrap gap-3">
        {!rightSigner ? (
          <Button look="primary" onClick={onConnect}>
            {t(wallet === null ? "wallet.connect" : "wallet.change")}
          </Button>
        ) : step.name === "failed" ? (
          <Button look="primary" onClick={() => void (plan.call === undefined ? confirm() : check())}>
            {t("common.retry")}
          </Button>
        ) : (
          <Button
            look="primary"
            busy={working || (step.name === "review" && step.check === "running")}
            onClick={() => void confirm()}
          >
            {working ? t("sign.working") : plan.action}
          </Button>
        )}
        {!working && (
          <Button look="quiet" onClick={onClose}>
            {t("common.cancel")}
          </Button>
        )}
      </div>
    </Dialog>
  );
}
