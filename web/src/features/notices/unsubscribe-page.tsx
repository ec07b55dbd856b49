import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { client } from "@/lib/api/client";
import { useLanguage } from "@/lib/i18n";
import { Button } from "@/ui/button";
import { PageHead } from "@/ui/page";

/** Where the link at the end of a mail leads. Nothing ends by looking at it. */
export function Unsubscribe({ token }: { token: string }) {
  const { t } = useLanguage();
  const end = useMutation({ mutationFn: () => client.POST("/notices/unsubscribe/{token}", { params: { path: { token } } }) });
  return (
    <>
      <PageHead title={t("way.unsubscribe_title")} lead={t("way.unsubscribe_lead")} />
      {end.isSuccess ? (
        <p role="status" className="max-w-[44rem]">
          {t("way.unsubscribed")}{" "}
          <Link to="/desk/notices" className="link">
            {t("page.notices")}
          </Link>
        </p>
      ) : (
        <Button look="primary" busy={end.isPending} onClick={() => end.mutate()}>
          {t("way.unsubscribe")}
        </Button>
      )}
      {end.isError && (
        <p role="alert" className="mt-4 text-harm">
          {t("way.unsubscribe_failed")}
        </p>
      )}
    </>
  );
}
