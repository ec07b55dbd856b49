import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { shortAddress } from "@/lib/address";
import { localized, useLanguage } from "@/lib/i18n";
import { useChain, useDemo, useSession } from "@/lib/queries";
import { disconnect } from "@/lib/wallet/connect";
import { sessionIsFor, signIn, signOut } from "@/lib/wallet/session";
import { useWallet, type Wallet } from "@/lib/wallet/state";
import { Button, buttonClass } from "@/ui/button";
import { Hallmark } from "@/ui/hallmark";
import { Menu, MenuItem, MenuLabel, MenuRule } from "@/ui/menu";
import { useSigning } from "@/ui/signing/context";

export function useWalletName() {
  const { t, language } = useLanguage();
  return (wallet: Wallet): string => {
    if (wallet.kind === "persona") return localized(wallet.name, language);
    return wallet.kind === "fresh" ? t("wallet.fresh_name") : shortAddress(wallet.address);
  };
}

function ConnectedMenu({ wallet }: { wallet: Wallet }) {
  const { t } = useLanguage();
  const name = useWalletName()(wallet);
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { connect } = useSigning();
  const chain = useChain().data;
  const demo = useDemo().data;
  const session = useSession().data;
  const [failed, setFailed] = useState(false);
  const signedIn = sessionIsFor(session, wallet);

  const enter = async () => {
    if (chain === undefined) return;
    setFailed(false);
    try {
      await signIn(queries, chain, wallet, demo ?? null);
    } catch {
      setFailed(true);
    }
  };

  const trigger = (
    <button
      type="button"
      aria-label={t("wallet.menu", { name })}
      className={`${buttonClass("quiet")} max-w-52 !px-2 ${failed ? "text-harm" : ""}`}
    >
      <Hallmark address={wallet.address} size={24} />
      <span className="hidden truncate sm:inline">{name}</span>
    </button>
  );
  return (
    <Menu trigger={trigger}>
      <MenuLabel>{wallet.kind === "injected" ? wallet.name : t("wallet.demo_label")}</MenuLabel>
      <MenuItem onSelect={() => void navigate({ to: "/desk" })}>{t("door.desk")}</MenuItem>
      <MenuItem onSelect={() => void navigate({ to: "/desk/wallet" })}>{t("page.wallet")}</MenuItem>
      <MenuRule />
      {signedIn ? (
        <MenuItem onSelect={() => void signOut(queries)}>{t("wallet.sign_out")}</MenuItem>
      ) : (
        <MenuItem onSelect={() => void enter()}>{t("wallet.sign_in")}</MenuItem>
      )}
      <MenuItem onSelect={connect}>{t("wallet.change")}</MenuItem>
      <MenuItem onSelect={disconnect}>{t("wallet.disconnect")}</MenuItem>
    </Menu>
  );
}

export function WalletMenu() {
  const { t } = useLanguage();
  const wallet = useWallet();
  const { connect } = useSigning();
  if (wallet !== null) return <ConnectedMenu wallet={wallet} />;
  return (
    <Button look="primary" onClick={connect} className="ml-1 !px-3 sm:!px-4">
      <span className="sm:hidden">{t("wallet.connect_short")}</span>
      <span className="max-sm:hidden">{t("wallet.connect")}</span>
    </Button>
  );
}
