import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { buttonClass } from "@/ui/button";
import { Hallmark } from "@/ui/hallmark";
import { PageHead, Section } from "@/ui/page";

const SILENCES = ["accept", "ship", "deliver", "inspect"] as const;
const QUESTIONS = ["who_holds", "what_cost", "lost_key", "who_rules", "demo_money", "personal_data"] as const;
const LOOK_ALIKES = [
  "0x12ab34cd56ef7890a1b2c3d4e5f60718293a90ef",
  "0x12ab34cd56ef7890a1b2c3d4e5f60718293b90ef",
  "0x12abffff56ef7890a1b2c3d4e5f60718293a90ef",
];

/** How an order goes, what each silence gives to whom, and how to know a counterparty: a five-minute read. */
export function LearnPage() {
  const { t } = useTranslation();
  return (
    <>
      <PageHead title={t("learn.title")} lead={t("learn.lead")} />
      <div className="max-w-[46rem] text-[17px] leading-relaxed">
        <Section title={t("learn.money")}>
          <p className="mb-4">{t("learn.money_1")}</p>
          <p>{t("learn.money_2")}</p>
        </Section>
        <Section title={t("learn.silence")} lead={t("learn.silence_text")}>
          <ol className="ruled">
            {SILENCES.map((step) => (
              <li key={step} className="grid gap-x-6 border-b border-line py-3 sm:grid-cols-[200px_1fr]">
                <span className="font-semibold">{t(`learn.silent_${step}`)}</span>
                <span>{t(`promise.${step}`)}</span>
              </li>
            ))}
          </ol>
        </Section>
        <Section title={t("learn.marks")}>
          <p className="mb-4">{t("learn.marks_text")}</p>
          <ul className="flex flex-wrap gap-x-8 gap-y-4">
            {LOOK_ALIKES.map((address) => (
              <li key={address} className="flex items-center gap-3">
                <Hallmark address={address} size={40} />
                <span className="font-mono text-sm">
                  {address.slice(0, 6)}…{address.slice(-4)}
                </span>
              </li>
            ))}
          </ul>
        </Section>
        <Section title={t("learn.questions")}>
          <div className="ruled">
          {QUESTIONS.map((question) => (
            <details key={question} className="border-b border-line py-3">
              <summary className="font-semibold hover:text-accent-ink">{t(`learn.${question}`)}</summary>
              <p className="mt-2">{t(`learn.${question}_text`)}</p>
            </details>
          ))}
          </div>
        </Section>
        <div className="flex flex-wrap gap-3">
          <Link to="/market" className={buttonClass("primary")}>
            {t("home.browse")}
          </Link>
          <Link to="/solvency" className={buttonClass()}>
            {t("home.check")}
          </Link>
        </div>
      </div>
    </>
  );
}
