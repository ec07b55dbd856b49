import { KeyRound, UserPlus } from "lucide-react";
import { useState, type ReactNode } from "react";
import { useLanguage, localized } from "@/lib/i18n";
import { useDemo } from "@/lib/queries";
import { connectFresh, connectInjected, connectPersona } from "@/lib/wallet/connect";
import { useAnnouncedWallets } from "@/lib/wallet/discovery";
import { Dialog } from "@/ui/dialog";
import { Hallmark } from "@/ui/hallmark";

interface ChoiceProps {
  icon: ReactNode;
  title: string;
  note: string;
  busy: boolean;
  onPick: () => void;
}

const Choice = ({ icon, title, note, busy, onPick }: ChoiceProps) => (
  <li className="border-b border-line">
    <button
      type="button"
      disabled={busy}
      onClick={onPick}
      className="flex w-full items-center gap-4 py-3 text-left transition-colors hover:bg-sunken"
    >
      <span className="flex size-10 shrink-0 items-center justify-center">{icon}</span>
      <span className="min-w-0">
        <span className="block font-semibold">{title}</span>
        <span className="block text-sm text-ink-soft">{note}</span>
      </span>
    </button>
  </li>
);

export default function ConnectSheet({ onClose }: { onClose: () => void }) {
  const { t, language } = useLanguage();
  const demo = useDemo().data;
  const wallets = useAnnouncedWallets();
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState<string | null>(null);

  const pick = async (connect: () => Promise<void> | void) => {
    setBusy(true);
    setFailed(null);
    try {
      await connect();
      onClose();
    } catch (error) {
      const rejected = (error as { code?: unknown }).code === 4001;
      setFailed(t(rejected ? "failure.rejected" : "wallet.connect_failed"));
    } finally {
      setBusy(false);
    }
  };

  return (
    <Dialog open onClose={onClose} title={t("wallet.connect_title")} lead={t("wallet.connect_lead")}>
      {demo && (
        <>
          <h3 className="overline-label mt-6 font-sans">{t("wallet.demo_heading")}</h3>
          <p className="mt-1 mb-2 text-sm text-amber">{t("wallet.demo_warning")}</p>
          <ul className="border-t border-line">
            {demo.personas.map((persona) => (
              <Choice
                key={persona.address}
                icon={<Hallmark address={persona.address} size={32} />}
                title={localized(persona.name, language)}
                note={t(`wallet.persona_${persona.role}`)}
                busy={busy}
                onPick={() => void pick(() => connectPersona(persona))}
              />
            ))}
            <Choice
              icon={<UserPlus aria-hidden size={24} />}
              title={t("wallet.fresh")}
              note={t("wallet.fresh_note")}
              busy={busy}
              onPick={() => void pick(connectFresh)}
            />
          </ul>
        </>
      )}
      <h3 className="overline-label mt-6 mb-2 font-sans">{t("wallet.own_heading")}</h3>
      {wallets.length === 0 ? (
        <p className="flex items-start gap-3 text-ink-soft">
          <KeyRound aria-hidden size={20} className="mt-0.5 shrink-0" />
          {t("wallet.none_found")}
        </p>
      ) : (
        <ul className="border-t border-line">
          {wallets.map((wallet) => (
            <Choice
              key={wallet.info.uuid}
              icon={<img alt="" src={wallet.info.icon} width={28} height={28} />}
              title={wallet.info.name}
              note={wallet.info.rdns}
              busy={busy}
              onPick={() => void pick(() => connectInjected(wallet))}
            />
          ))}
        </ul>
      )}
      {failed !== null && (
        <p role="alert" className="mt-4 text-harm">
          {failed}
        </p>
      )}
    </Dialog>
  );
}
