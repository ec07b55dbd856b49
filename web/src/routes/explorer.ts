export { ExplorerPage } from "@/features/explorer/explorer-page";
export { BlockPage } from "@/features/explorer/block-page";
export { TransactionPage } from "@/features/explorer/transaction-page";
export { AddressPage } from "@/features/explorer/address-page";
export { TokensPage } from "@/features/explorer/tokens-page";
export { TokenPage } from "@/features/explorer/token-page";
