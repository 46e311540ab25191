// SPDX-License-Identifier: Apache-2.0

// What a page imports to check an allocation by itself.

export { Refusal } from "../base/refusal";
export type { Allocation, AllocationInstance, Rounding } from "./allocation";
export { freeOffer } from "./allocation";
export { type CertificateFault, checkCertificate } from "./certificate";
export { checkDivision, type Division, type DivisionFault } from "./division";
export { type NamedInstance, readAllocations, readDivisions, readInstances } from "./instance_json";
