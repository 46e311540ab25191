// SPDX-License-Identifier: Apache-2.0

// Reads instance documents and result documents; docs/spec/allocation.md sections 8 and 9.
//
// What always holds: members, needs and offers are numbered in the order of their ids, octet by
// octet, so that the order in a file changes nothing; what the page does not name is refused with
// its JSON pointer; an instance that is returned has passed requireInstance.

import { Refusal } from "../base/refusal";
import { type Json, type JsonObject, pointerPrefix, readJson, shownName } from "../codec/json";
import {
    type Allocation, type AllocationInstance, freeOffer, requireInstance, type Rounding, roundings,
    unitsMax,
} from "./allocation";
import { lotteryRanks, type Sha256 } from "./lottery";

export const instanceLimits = { octetsMax: 2 ** 28, depthMax: 8 };

/** Ids in ascending order, and the number of each. */
export interface Ids {
    readonly list: readonly string[];
    readonly number: ReadonlyMap<string, number>;
}

export interface NamedInstance {
    readonly name: string;
    readonly rounding: Rounding;
    readonly instance: AllocationInstance;
    readonly members: Ids;
    readonly needs: Ids;
    readonly offers: Ids;
    /** What each member must get in whole units, where a document of tests says so. */
    readonly expectedUnits: ReadonlyMap<string, bigint>;
    /** And exactly, as a fraction. */
    readonly expectedShares: ReadonlyMap<string, string>;
}

type Path = readonly (string | number)[];

/**
 * One instance, or an array of them. Refusals: those of readJson and requireInstance, and
 * "exchange/bad-instance" with the JSON pointer of the place.
 */
export async function readInstances(octets: Uint8Array, sha256: Sha256): Promise<NamedInstance[]> {
    const document = readJson(octets, instanceLimits);
    if (!Array.isArray(document)) return [await instanceFrom(document, sha256)];
    const instances: NamedInstance[] = [];
    for (const [number, element] of document.entries()) {
        instances.push(await instanceFrom(element, sha256, [number]));
    }
    return instances;
}

/**
 * The result documents of `instances`: one, or an array of as many. Refusals: those of readJson,
 * and "exchange/bad-solution" with the JSON pointer of what cannot be true of the instance.
 */
export function readAllocations(
    octets: Uint8Array, instances: readonly NamedInstance[],
): Allocation[] {
    const document = readJson(octets, instanceLimits);
    const [only] = instances;
    if (!Array.isArray(document)) {
        if (only === undefined || instances.length > 1) wrongCount(instances.length);
        return [allocationFrom(document, only)];
    }
    if (document.length !== instances.length) wrongCount(instances.length);
    return instances.map((named, number) => allocationFrom(document[number]!, named, [number]));
}

function wrongCount(instances: number): never {
    throw new Refusal("exchange/bad-solution",
        `There must be one solution for each of the ${instances} instances.`);
}

// --- instances --------------------------------------------------------------------------------

const poolMembers = ["members", "offers", "lists", "needs"];
const ruleMembers = ["rounding", "lottery", "seed", "withheld"];
const outerMembers = ["name", "note", "r", "units"];

/** An instance document that was read already; `path` is its place in what was read. */
export async function instanceFrom(
    value: Json, sha256: Sha256, path: Path = [],
): Promise<NamedInstance> {
    const outer = badInstance.object(value, path);
    const wrapped = outer.get("instance");
    const innerPath = wrapped === undefined ? path : [...path, "instance"];
    const inner = wrapped === undefined ? outer : badInstance.object(wrapped, innerPath);
    if (wrapped === undefined) {
        badInstance.only(outer, path, [...poolMembers, ...ruleMembers, ...outerMembers]);
    } else {
        badInstance.only(outer, path, ["instance", ...ruleMembers, ...outerMembers]);
        badInstance.only(inner, innerPath, [...poolMembers, ...ruleMembers]);
    }

    const pool = readPool(inner, innerPath);
    let rounding: Rounding = "sainte_lague";
    let tieRank: Uint32Array = Uint32Array.from(pool.members.list, (_, member) => member);
    // What stands inside is read in any case, so that nothing wrong hides behind what overrides it.
    const places: [JsonObject, Path][] = [[inner, innerPath]];
    if (wrapped !== undefined) places.push([outer, path]);
    for (const [object, at] of places) {
        rounding = readRounding(object, at) ?? rounding;
        tieRank = await readDraw(object, at, pool.members, sha256) ?? tieRank;
    }

    const instance: AllocationInstance = { ...pool.columns, tieRank };
    requireInstance(instance);
    return {
        name: badInstance.optionalText(outer, "name", path) ?? "", rounding, instance,
        members: pool.members, needs: pool.needs, offers: pool.offers,
        expectedUnits: readExpected(outer, path, "units", (of, at) => badInstance.units(of, at)),
        expectedShares: readExpected(outer, path, "r", (of, at) => badInstance.text(of, at)),
    };
}

interface Pool {
    readonly members: Ids;
    readonly needs: Ids;
    readonly offers: Ids;
    readonly columns: Omit<AllocationInstance, "tieRank">;
}

function readPool(object: JsonObject, path: Path): Pool {
    const part = (name: string) =>
        badInstance.object(badInstance.member(object, name, path), [...path, name]);
    const members = part("members");
    const offers = part("offers");
    const needs = part("needs");
    const lists: JsonObject = object.has("lists") ? part("lists") : new Map();
    const memberIds = idsOf(members);
    const offerIds = idsOf(offers);
    const needIds = idsOf(needs);

    const weight = new Float64Array(members.size);
    const floor = new BigInt64Array(members.size);
    const cap = new BigInt64Array(members.size);
    const carryOver = new BigInt64Array(members.size);
    for (const [number, id] of memberIds.list.entries()) {
        const at = [...path, "members", id];
        const fields = badInstance.object(members.get(id)!, at);
        badInstance.only(fields, at, ["w", "min", "max", "carry"]);
        const units = (field: string, absent: bigint) => {
            const given = fields.get(field);
            return given === undefined ? absent : badInstance.units(given, [...at, field]);
        };
        // Exact up to weightMax, and still above it where it is rounded.
        weight[number] = Number(badInstance.units(badInstance.member(fields, "w", at), [...at, "w"]));
        floor[number] = units("min", 0n);
        cap[number] = units("max", unitsMax);
        carryOver[number] = units("carry", 0n);
    }

    const offerCapacity = BigInt64Array.from(offerIds.list,
        (id) => badInstance.units(offers.get(id)!, [...path, "offers", id]));

    const needOwner = new Uint32Array(needs.size);
    const needQuantity = new BigInt64Array(needs.size);
    const lawfulList = new Uint32Array(needs.size);
    const listIds = idsOf(lists);
    const offersOf = listIds.list.map((id) => readList(lists.get(id)!, offerIds, [...path, "lists", id]));
    for (const [number, id] of needIds.list.entries()) {
        const at = [...path, "needs", id];
        const fields = badInstance.object(needs.get(id)!, at);
        badInstance.only(fields, at, ["member", "qty", "lawful"]);
        const owner = badInstance.text(badInstance.member(fields, "member", at), [...at, "member"]);
        needOwner[number] = badInstance.known(memberIds, owner, "member", [...at, "member"]);
        needQuantity[number] = badInstance.units(badInstance.member(fields, "qty", at), [...at, "qty"]);
        const lawful = badInstance.member(fields, "lawful", at);
        lawfulList[number] = typeof lawful === "string"
            ? badInstance.known(listIds, lawful, "list", [...at, "lawful"])
            : offersOf.push(readList(lawful, offerIds, [...at, "lawful"])) - 1;
    }
    return {
        members: memberIds, needs: needIds, offers: offerIds,
        columns: {
            weight, floor, cap, carryOver, needOwner, needQuantity, offerCapacity, lawfulList,
            ...joinLists(offersOf),
        },
    };
}

function readList(value: Json, offers: Ids, path: Path): Uint32Array {
    const texts = badInstance.array(value, path);
    const list = new Uint32Array(texts.length);
    for (let at = 0; at < list.length; ++at) {
        const text = texts[at]!;
        const number = typeof text === "string" ? offers.number.get(text) : undefined;
        list[at] = number
            ?? badInstance.known(offers, badInstance.text(text, [...path, at]), "offer", path);
    }
    list.sort();
    for (let at = 1; at < list.length; ++at) {
        if (list[at - 1] === list[at]) badInstance.refuse(path, "An offer is listed twice.");
    }
    return list;
}

/** Lists one after the other, and where each begins. */
function joinLists(lists: readonly Uint32Array[]): Pick<AllocationInstance, "lawfulBegin" | "lawfulOffers"> {
    const lawfulBegin = new Uint32Array(lists.length + 1);
    for (const [number, list] of lists.entries()) {
        lawfulBegin[number + 1] = lawfulBegin[number]! + list.length;
    }
    const lawfulOffers = new Uint32Array(lawfulBegin[lists.length]!);
    for (const [number, list] of lists.entries()) lawfulOffers.set(list, lawfulBegin[number]!);
    return { lawfulBegin, lawfulOffers };
}

function readRounding(object: JsonObject, path: Path): Rounding | undefined {
    const value = object.get("rounding");
    if (value === undefined) return undefined;
    return roundings.find((rounding) => rounding === value)
        ?? badInstance.refuse([...path, "rounding"], `Expected ${roundings.join(", ")}.`);
}

/** The ranks that `lottery`, or `seed` and `withheld`, give; undefined where none of them stands. */
async function readDraw(
    object: JsonObject, path: Path, members: Ids, sha256: Sha256,
): Promise<Uint32Array | undefined> {
    const lottery = object.get("lottery");
    const seed = object.get("seed");
    const withheld = object.get("withheld");
    if (withheld !== undefined && seed === undefined) {
        badInstance.refuse([...path, "withheld"], "Only a draw from a seed knows this.");
    }
    if (lottery !== undefined) {
        const at = [...path, "lottery"];
        if (seed !== undefined) badInstance.refuse(at, "Give either the order or the seed of the draw.");
        const order = readMembers(lottery, members, at);
        if (order.size !== members.list.length) {
            badInstance.refuse(at, "A lottery order must list every member once.");
        }
        const ranks = new Uint32Array(order.size);
        [...order].forEach((member, place) => { ranks[member] = place; });
        return ranks;
    }
    if (seed === undefined) return undefined;
    const last = withheld === undefined
        ? new Set<number>() : readMembers(withheld, members, [...path, "withheld"]);
    const octets = await seedOctets(seed, [...path, "seed"], sha256);
    return lotteryRanks(octets, members.list, last, sha256);
}

/** Each once, in the order of the document. */
function readMembers(value: Json, members: Ids, path: Path): Set<number> {
    const found = new Set<number>();
    for (const element of badInstance.array(value, path)) {
        const id = badInstance.text(element, path);
        const member = badInstance.known(members, id, "member", path);
        if (found.has(member)) badInstance.refuse(path, `Member "${shownName(id)}" is listed twice.`);
        found.add(member);
    }
    return found;
}

async function seedOctets(value: Json, path: Path, sha256: Sha256): Promise<Uint8Array> {
    const text = typeof value === "number" ? String(value) : badInstance.text(value, path);
    if (/^sha256:[0-9a-f]{64}$/.test(text)) {
        const digits = text.slice("sha256:".length);
        return Uint8Array.from({ length: 32 }, (_, at) => parseInt(digits.slice(2 * at, 2 * at + 2), 16));
    }
    return new Uint8Array(await sha256.digest("SHA-256", new TextEncoder().encode(text)));
}

function readExpected<T>(
    object: JsonObject, path: Path, name: string, read: (value: Json, path: Path) => T,
): ReadonlyMap<string, T> {
    const given = object.get(name);
    const expected = new Map<string, T>();
    if (given === undefined) return expected;
    const at = [...path, name];
    for (const [id, value] of badInstance.object(given, at)) expected.set(id, read(value, [...at, id]));
    return expected;
}

function idsOf(object: JsonObject): Ids {
    const list = [...object.keys()].sort(compareOctets);
    return { list, number: new Map(list.map((id, number) => [id, number])) };
}

/** Order of the UTF-8 octets. It is that of UTF-16, but for surrogates, which come after the rest. */
export function compareOctets(a: string, b: string): number {
    const length = Math.min(a.length, b.length);
    for (let at = 0; at < length; ++at) {
        const left = a.charCodeAt(at);
        const right = b.charCodeAt(at);
        if (left === right) continue;
        const leftSurrogate = (left & 0xf800) === 0xd800;
        const rightSurrogate = (right & 0xf800) === 0xd800;
        return Number(leftSurrogate) - Number(rightSurrogate) || left - right;
    }
    return a.length - b.length;
}

// --- results ----------------------------------------------------------------------------------

const resultMembers = ["name", "rounding", "lottery", "totals", "members", "needs", "certificate"];
const outcomes = [
    "met_in_full", "no_offer", "none_lawful", "member_cap", "floor_first", "no_better_off",
];

/**
 * A result document that was read already. Pairs, totals and certificate are taken from it for
 * checkCertificate to judge; what else it repeats of the instance and of the pairs is compared here.
 * Exact shares and reasons are read for their form alone.
 */
export function allocationFrom(value: Json, named: NamedInstance, path: Path = []): Allocation {
    const result = badSolution.object(value, path);
    badSolution.only(result, path, resultMembers);
    compareHead(result, named, path);

    const totals = readTotals(badSolution.member(result, "members", path), named, [...path, "members"]);
    const flows = readFlows(badSolution.member(result, "needs", path), named, [...path, "needs"]);
    const certificate = readCertificate(
        badSolution.member(result, "certificate", path), named, [...path, "certificate"]);

    const sums = badSolution.object(badSolution.member(result, "totals", path), [...path, "totals"]);
    badSolution.only(sums, [...path, "totals"], ["offered", "asked", "given"]);
    compareUnits(sums, "offered", sumOf(named.instance.offerCapacity), [...path, "totals"]);
    compareUnits(sums, "asked", sumOf(named.instance.needQuantity), [...path, "totals"]);
    compareUnits(sums, "given", sumOf(flows.units), [...path, "totals"]);
    return {
        flowNeed: Uint32Array.from(flows.need), flowOffer: Uint32Array.from(flows.offer),
        flowUnits: BigInt64Array.from(flows.units), totals, certificate,
    };
}

function compareHead(result: JsonObject, named: NamedInstance, path: Path): void {
    if ((badSolution.optionalText(result, "name", path) ?? "") !== named.name) {
        badSolution.refuse([...path, "name"], "The instance has another name.");
    }
    if (badSolution.member(result, "rounding", path) !== named.rounding) {
        badSolution.refuse([...path, "rounding"], `The instance says ${named.rounding}.`);
    }
    const at = [...path, "lottery"];
    const order = badSolution.array(badSolution.member(result, "lottery", path), at);
    const { tieRank } = named.instance;
    const place = order.map((id) => typeof id === "string" ? named.members.number.get(id) : undefined);
    if (place.length !== tieRank.length
        || place.some((member, rank) => member === undefined || tieRank[member] !== rank)) {
        badSolution.refuse(at, "The instance has another order.");
    }
}

function readTotals(value: Json, named: NamedInstance, path: Path): BigInt64Array {
    const members = badSolution.object(value, path);
    badSolution.exactly(members, path, named.members);
    return BigInt64Array.from(named.members.list, (id) => {
        const at = [...path, id];
        const fields = badSolution.object(members.get(id)!, at);
        badSolution.only(fields, at, ["r", "units"]);
        const share = badSolution.text(badSolution.member(fields, "r", at), [...at, "r"]);
        if (!/^(0|[1-9][0-9]*)(\/[1-9][0-9]*)?$/.test(share)) {
            badSolution.refuse([...at, "r"], "Expected a fraction, as 85/3.");
        }
        return badSolution.canonicalUnits(badSolution.member(fields, "units", at), [...at, "units"]);
    });
}

interface Flows {
    readonly need: number[];
    readonly offer: number[];
    readonly units: bigint[];
}

function readFlows(value: Json, named: NamedInstance, path: Path): Flows {
    const needs = badSolution.object(value, path);
    badSolution.exactly(needs, path, named.needs);
    const flows: Flows = { need: [], offer: [], units: [] };
    for (const [need, id] of named.needs.list.entries()) {
        const at = [...path, id];
        const fields = badSolution.object(needs.get(id)!, at);
        badSolution.only(fields, at, ["units", "from", "outcome", "holder", "bottleneck"]);
        readReason(fields, named, at);
        const from = badSolution.object(badSolution.member(fields, "from", at), [...at, "from"]);
        const pairs: [offer: number, units: bigint][] = [];
        let received = 0n;
        for (const [offer, given] of from) {
            const units = badSolution.canonicalUnits(given, [...at, "from", offer]);
            pairs.push([badSolution.known(named.offers, offer, "offer", [...at, "from"]), units]);
            received += units;
        }
        compareUnits(fields, "units", received, at);
        pairs.sort(([a], [b]) => a - b);
        for (const [offer, units] of pairs) {
            flows.need.push(need);
            flows.offer.push(offer);
            flows.units.push(units);
        }
    }
    return flows;
}

function readReason(fields: JsonObject, named: NamedInstance, path: Path): void {
    const outcome = badSolution.text(badSolution.member(fields, "outcome", path), [...path, "outcome"]);
    if (!outcomes.includes(outcome)) {
        badSolution.refuse([...path, "outcome"], `Expected ${outcomes.join(", ")}.`);
    }
    for (const name of ["holder", "bottleneck"]) {
        const member = badSolution.optionalText(fields, name, path);
        if (member !== undefined) badSolution.known(named.members, member, "member", [...path, name]);
    }
}

function readCertificate(value: Json, named: NamedInstance, path: Path): Uint32Array {
    const certificate = new Uint32Array(named.offers.list.length).fill(freeOffer);
    for (const [offer, member] of badSolution.object(value, path)) {
        const at = [...path, offer];
        certificate[badSolution.known(named.offers, offer, "offer", path)] =
            badSolution.known(named.members, badSolution.text(member, at), "member", at);
    }
    return certificate;
}

function compareUnits(object: JsonObject, name: string, actual: bigint, path: Path): void {
    const at = [...path, name];
    if (badSolution.canonicalUnits(badSolution.member(object, name, path), at) !== actual) {
        badSolution.refuse(at, `This is not the sum, which is ${actual}.`);
    }
}

function sumOf(units: Iterable<bigint>): bigint {
    let sum = 0n;
    for (const one of units) sum += one;
    return sum;
}

// --- what every document needs ----------------------------------------------------------------

/** Takes values apart, and refuses with one reason. */
class Shape {
    constructor(private readonly reason: string) {}

    refuse(path: Path, message: string): never {
        throw new Refusal(this.reason, pointerPrefix(path) + message);
    }

    object(value: Json, path: Path): JsonObject {
        return value instanceof Map ? value : this.refuse(path, "Expected an object.");
    }

    array(value: Json, path: Path): Json[] {
        return Array.isArray(value) ? value : this.refuse(path, "Expected an array.");
    }

    text(value: Json, path: Path): string {
        return typeof value === "string" ? value : this.refuse(path, "Expected a text.");
    }

    member(object: JsonObject, name: string, path: Path): Json {
        return object.get(name) ?? this.refuse(path, `The member "${name}" is missing.`);
    }

    optionalText(object: JsonObject, name: string, path: Path): string | undefined {
        const value = object.get(name);
        return value === undefined ? undefined : this.text(value, [...path, name]);
    }

    only(object: JsonObject, path: Path, names: readonly string[]): void {
        for (const name of object.keys()) {
            if (!names.includes(name)) {
                this.refuse([...path, name], "No member of this name is known here.");
            }
        }
    }

    /** An object that has a member for each id and none else. */
    exactly(object: JsonObject, path: Path, ids: Ids): void {
        for (const name of object.keys()) {
            if (!ids.number.has(name)) this.refuse([...path, name], "The instance has none of this id.");
        }
        for (const id of ids.list) this.member(object, id, path);
    }

    known(ids: Ids, id: string, what: string, path: Path): number {
        return ids.number.get(id) ?? this.refuse(path, `There is no ${what} "${shownName(id)}".`);
    }

    /** A whole number from 0, or its digits as a text; either way it fits 64 bits. */
    units(value: Json, path: Path): bigint {
        if (typeof value === "number" && value >= 0) return BigInt(value);
        if (typeof value === "string" && /^(0|[1-9][0-9]{0,18})$/.test(value)) {
            const units = BigInt(value);
            if (units < 1n << 63n) return units;
        }
        return this.refuse(path, "Expected a whole number, or its digits as a text.");
    }

    /** As canonical documents write it: a text only where a JSON number would be too large. */
    canonicalUnits(value: Json, path: Path): bigint {
        if (typeof value === "number") return BigInt(value);
        const units = this.units(value, path);
        if (units > BigInt(Number.MAX_SAFE_INTEGER)) return units;
        return this.refuse(path, "Only numbers above 2^53 - 1 are texts.");
    }
}

const badInstance = new Shape("exchange/bad-instance");
const badSolution = new Shape("exchange/bad-solution");
