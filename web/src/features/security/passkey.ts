import { client } from "@/lib/api/client";

/** Whether this browser makes and shows passkeys on this page. */
export function canPasskeys(): boolean {
  return typeof PublicKeyCredential !== "undefined" && "parseRequestOptionsFromJSON" in PublicKeyCredential;
}

/** The device was asked, and its owner said no or waited too long. */
export class NotGiven extends Error {}

async function fromDevice(ask: Promise<Credential | null>): Promise<Record<string, never>> {
  try {
    const given = await ask;
    if (given instanceof PublicKeyCredential) return given.toJSON() as Record<string, never>;
    throw new NotGiven();
  } catch (error) {
    if (error instanceof DOMException && (error.name === "NotAllowedError" || error.name === "AbortError")) throw new NotGiven();
    throw error;
  }
}

/** Has a device make a passkey, and keeps it under a name. */
export async function makePasskey(name: string) {
  const { data } = await client.POST("/auth/passkeys/options");
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(data?.options as unknown as PublicKeyCredentialCreationOptionsJSON);
  const credential = await fromDevice(navigator.credentials.create({ publicKey }));
  return (await client.POST("/auth/passkeys", { body: { name, credential } })).data;
}

/** Has a device show a passkey of whoever is signed in; for ten minutes they may do what takes a second factor. */
export async function showPasskey() {
  const { data } = await client.POST("/auth/step-up/passkey/options");
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(data?.options as unknown as PublicKeyCredentialRequestOptionsJSON);
  const credential = await fromDevice(navigator.credentials.get({ publicKey }));
  return (await client.POST("/auth/step-up/passkey", { body: { credential } })).data;
}
