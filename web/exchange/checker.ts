// SPDX-License-Identifier: Apache-2.0

// What a page imports to check an allocation by itself.

export { Refusal } from "../base/refusal";
export type { Allocation, AllocationInstance, Rounding } from "./allocation";
export { freeOffer } from "./allocation";
export { type CertificateFault, checkCertificate } from "./certificate";
export { type NamedInstance, readAllocations, readInstances } from "./instance_json";
