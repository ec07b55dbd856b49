import { useTranslation } from "react-i18next";
import { Empty } from "./answer";
import { Button } from "./button";
import { useSigning } from "./signing/context";

/** My desk is somebody's desk: without a wallet there is nobody yet. */
export function NeedWallet() {
  const { t } = useTranslation();
  const { connect } = useSigning();
  return (
    <Empty
      title={t("wallet.needed")}
      text={t("wallet.needed_text")}
      action={
        <Button look="primary" onClick={connect}>
          {t("wallet.connect")}
        </Button>
      }
    />
  );
}
