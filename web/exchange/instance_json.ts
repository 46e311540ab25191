// SPDX-License-Identifier: Apache-2.0

// Reads instance documents and result documents; docs/spec/allocation.md sections 8 to 10.
//
// What always holds: members, needs and offers are numbered in the order of their ids, octet by
// octet, so that the order in a file changes nothing; what the page does not name is refused with
// its JSON pointer; an instance that is returned has passed requireInstance.

import { Refusal } from "../base/refusal";
import { type Json, type JsonObject, pointerPrefix, readJson, shownName } from "../codec/json";
import {
    type Allocation, type AllocationInstance, freeOffer, requireInstance, type Rounding, roundings,
    unitsMax, weightMax,
} from "./allocation";
import { type Division, type RuledPool, type Stage, type StageName, stagesOf } from "./division";
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
    /** Absent: members and rounding say all. */
    readonly rule?: NamedRule;
    /** What each member must get in whole units, where a document of tests says so. */
    readonly expectedUnits: ReadonlyMap<string, bigint>;
    /** And exactly, as a fraction. */
    readonly expectedShares: ReadonlyMap<string, string>;
}

export interface NamedRule {
    readonly id: string;
    readonly version: number;
    readonly pool: RuledPool;
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
    return readResults(octets, instances, allocationFrom);
}

/** As readAllocations, under rules as well: what checkDivision judges. */
export function readDivisions(
    octets: Uint8Array, instances: readonly NamedInstance[],
): Division[] {
    return readResults(octets, instances, divisionFrom);
}

function readResults<T>(
    octets: Uint8Array, instances: readonly NamedInstance[],
    read: (value: Json, named: NamedInstance, path?: Path) => T,
): T[] {
    const document = readJson(octets, instanceLimits);
    const [only] = instances;
    if (!Array.isArray(document)) {
        if (only === undefined || instances.length > 1) wrongCount(instances.length);
        return [read(document, only)];
    }
    if (document.length !== instances.length) wrongCount(instances.length);
    return instances.map((named, number) => read(document[number]!, named, [number]));
}

function wrongCount(instances: number): never {
    throw new Refusal("exchange/bad-solution",
        `There must be one solution for each of the ${instances} instances.`);
}

// --- instances --------------------------------------------------------------------------------

const poolMembers = ["members", "offers", "lists", "needs", "groups", "weights"];
const ruleMembers = ["rounding", "rule", "lottery", "seed", "withheld"];
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
    let terms: RuleTerms | undefined;
    let rulePath: Path = path;
    for (const [object, at] of places) {
        const given = object.get("rule");
        if (given !== undefined) {
            rulePath = [...at, "rule"];
            terms = readRule(given, rulePath);
        }
        rounding = readRounding(object, at) ?? rounding;
        tieRank = await readDraw(object, at, pool.members, sha256) ?? tieRank;
    }

    let instance: AllocationInstance = { ...pool.columns, tieRank };
    requireInstance(instance);
    let rule: NamedRule | undefined;
    if (terms !== undefined) {
        rule = ruleOf(terms, pool, instance, rulePath);
        ({ instance } = rule.pool);
        ({ rounding } = terms);
        requireInstance(instance);
    }
    return {
        name: badInstance.optionalText(outer, "name", path) ?? "", rounding, instance,
        ...(rule === undefined ? {} : { rule }),
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
    /** Of each need, the lists of its choices. */
    readonly choices: readonly (readonly Uint32Array[])[];
    readonly minimum: BigInt64Array;
    readonly endUse: readonly (string | undefined)[];
    /** Of each member, the last round first. */
    readonly confirmed: readonly (readonly bigint[])[];
    readonly groups: ReadonlyMap<string, ReadonlySet<number>>;
    readonly weights: ReadonlyMap<string, ReadonlyMap<number, bigint>>;
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
    const confirmed: bigint[][] = [];
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
        confirmed.push(readConfirmed(fields.get("carry"), [...at, "carry"]));
        carryOver[number] = signed64(sumOf(confirmed[number]!), [...at, "carry"]);
    }

    const offerCapacity = BigInt64Array.from(offerIds.list,
        (id) => badInstance.units(offers.get(id)!, [...path, "offers", id]));

    const needOwner = new Uint32Array(needs.size);
    const needQuantity = new BigInt64Array(needs.size);
    const lawfulList = new Uint32Array(needs.size);
    const minimum = new BigInt64Array(needs.size);
    const choices: Uint32Array[][] = [];
    const endUse: (string | undefined)[] = [];
    const listIds = idsOf(lists);
    const offersOf = listIds.list.map((id) => readList(lists.get(id)!, offerIds, [...path, "lists", id]));
    for (const [number, id] of needIds.list.entries()) {
        const at = [...path, "needs", id];
        const fields = badInstance.object(needs.get(id)!, at);
        badInstance.only(fields, at,
            ["member", "qty", "lawful", "choices", "min", "rank", "end_use"]);
        const owner = badInstance.text(badInstance.member(fields, "member", at), [...at, "member"]);
        needOwner[number] = badInstance.known(memberIds, owner, "member", [...at, "member"]);
        needQuantity[number] = badInstance.units(badInstance.member(fields, "qty", at), [...at, "qty"]);
        const read = (value: Json, place: Path) => typeof value === "string"
            ? badInstance.known(listIds, value, "list", place)
            : offersOf.push(readList(value, offerIds, place)) - 1;
        const lists = readChoices(fields, at, read);
        choices.push(lists.map((list) => offersOf[list]!));
        lawfulList[number] = lists.length === 1
            ? lists[0]! : offersOf.push(joined(choices[number]!, [...at, "choices"])) - 1;
        const least = fields.get("min");
        if (least !== undefined) minimum[number] = badInstance.units(least, [...at, "min"]);
        if (minimum[number]! > needQuantity[number]!) {
            badInstance.refuse([...at, "min"], "This is more than the need asks.");
        }
        const rank = fields.get("rank");
        if (rank !== undefined && badInstance.units(rank, [...at, "rank"]) >= 1n << 32n) {
            badInstance.refuse([...at, "rank"], "Expected a number below 2^32.");
        }
        endUse.push(badInstance.optionalText(fields, "end_use", at));
    }
    return {
        members: memberIds, needs: needIds, offers: offerIds,
        choices, minimum, endUse, confirmed, ...readTables(object, path, memberIds),
        columns: {
            weight, floor, cap, carryOver, needOwner, needQuantity, offerCapacity, lawfulList,
            ...joinLists(offersOf),
        },
    };
}

function readConfirmed(value: Json | undefined, path: Path): bigint[] {
    if (value === undefined) return [];
    if (!Array.isArray(value)) return [badInstance.units(value, path)];
    return value.map((units, round) => badInstance.units(units, [...path, round]));
}

function signed64(units: bigint, path: Path): bigint {
    return units < 1n << 63n ? units : badInstance.refuse(path, "This is too much.");
}

/** The numbers of the lists in `lawful` or `choices`. */
function readChoices(
    fields: JsonObject, path: Path, read: (value: Json, path: Path) => number,
): number[] {
    const given = fields.get("choices");
    if (given === undefined) {
        return [read(badInstance.member(fields, "lawful", path), [...path, "lawful"])];
    }
    const at = [...path, "choices"];
    if (fields.has("lawful")) badInstance.refuse(at, "Give either choices or lawful offers.");
    const lists = badInstance.array(given, at);
    if (lists.length > choicesMax) badInstance.refuse(at, `There are more than ${choicesMax}.`);
    return lists.map((list, choice) => read(list, [...at, choice]));
}

/** All offers of lists that have none in common. */
function joined(lists: readonly Uint32Array[], path: Path): Uint32Array {
    const all = Uint32Array.from(lists.flatMap((list) => [...list])).sort();
    for (let at = 1; at < all.length; ++at) {
        if (all[at - 1] === all[at]) badInstance.refuse(path, "An offer stands in two choices.");
    }
    return all;
}

function readTables(
    object: JsonObject, path: Path, members: Ids,
): Pick<Pool, "groups" | "weights"> {
    const part = (name: string) => {
        const given = object.get(name);
        return given === undefined ? [] : [...badInstance.object(given, [...path, name])];
    };
    const groups = new Map<string, Set<number>>();
    for (const [id, list] of part("groups")) {
        groups.set(id, readMembers(list, members, [...path, "groups", id]));
    }
    const weights = new Map<string, Map<number, bigint>>();
    for (const [id, table] of part("weights")) {
        const at = [...path, "weights", id];
        weights.set(id, new Map([...badInstance.object(table, at)].map(([member, weight]) =>
            [badInstance.known(members, member, "member", at), badInstance.units(weight, [...at, member])])));
    }
    return { groups, weights };
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

// --- rules --------------------------------------------------------------------------------------

/** What a rule says, before it meets a pool. */
interface RuleTerms {
    readonly id: string;
    readonly version: number;
    readonly rounding: Rounding;
    readonly weights?: string;
    readonly byClaims: boolean;
    readonly oneEach: boolean;
    readonly byChoice: boolean;
    readonly minimums: boolean;
    readonly memberCap?: Share;
    readonly floor?: { readonly group: string; readonly share: Share };
    readonly tiers: readonly (readonly string[])[];
    readonly carryOver?: { readonly rounds: number; readonly keep: Share };
}

/** A fraction from 0 to 1. */
interface Share {
    readonly numerator: bigint;
    readonly denominator: bigint;
}

const choicesMax = 16;
const tiersMax = 16;
const carriedRoundsMax = 16;

function readRule(value: Json, path: Path): RuleTerms {
    const rule = badInstance.object(value, path);
    badInstance.only(rule, path, [
        "id", "version", "title", "rounding", "weights", "by_claims", "floor", "member_cap", "one_each",
        "tiers", "by_choice", "minimums", "carry_over", "first_come", "lottery_source",
    ]);
    const flag = (name: string) => {
        const given = rule.get(name) ?? false;
        return typeof given === "boolean"
            ? given : badInstance.refuse([...path, name], "Expected true or false.");
    };
    flag("first_come");  // says what happens after the round, and nothing about the division
    const version = rule.get("version") ?? 1;
    if (typeof version !== "number" || version < 0) {
        return badInstance.refuse([...path, "version"], "Expected a whole number.");
    }
    const weights = badInstance.optionalText(rule, "weights", path);
    const byClaims = flag("by_claims");
    if (weights !== undefined && byClaims) {
        badInstance.refuse([...path, "weights"], "Weights come from a table or from claims.");
    }
    const cap = rule.get("member_cap");
    return {
        id: badInstance.optionalText(rule, "id", path) ?? draftId, version,
        rounding: readRounding(rule, path) ?? "sainte_lague",
        ...(weights === undefined ? {} : { weights }), byClaims,
        oneEach: flag("one_each"), byChoice: flag("by_choice"), minimums: flag("minimums"),
        ...(cap === undefined ? {} : { memberCap: readPositive(cap, [...path, "member_cap"]) }),
        tiers: readTiers(rule.get("tiers"), [...path, "tiers"]),
        ...readFloorAndCarryOver(rule, path),
    };
}

function readFloorAndCarryOver(
    rule: JsonObject, path: Path,
): Pick<RuleTerms, "floor" | "carryOver"> {
    const part = (name: string, members: readonly [string, string]) => {
        const given = rule.get(name);
        if (given === undefined) return undefined;
        const at = [...path, name];
        const object = badInstance.object(given, at);
        badInstance.only(object, at, members);
        return { at, first: badInstance.member(object, members[0], at),
            share: badInstance.member(object, members[1], at) };
    };
    const floor = part("floor", ["group", "share"]);
    const carried = part("carry_over", ["rounds", "keep"]);
    const rounds = carried?.first ?? 1;
    if (typeof rounds !== "number" || rounds < 1 || rounds > carriedRoundsMax) {
        return badInstance.refuse([...path, "carry_over", "rounds"], `Expected 1 to ${carriedRoundsMax}.`);
    }
    return {
        ...(floor === undefined ? {} : {
            floor: {
                group: badInstance.text(floor.first, [...floor.at, "group"]),
                share: readPositive(floor.share, [...floor.at, "share"]),
            },
        }),
        ...(carried === undefined ? {} : {
            carryOver: { rounds, keep: readShare(carried.share, [...carried.at, "keep"]) },
        }),
    };
}

/** The id of a rule that has none yet. */
const draftId = "draft";

function readShare(value: Json, path: Path): Share {
    const text = badInstance.text(value, path);
    const found = /^(0|[1-9][0-9]{0,18})(?:\/([1-9][0-9]{0,18}))?$/.exec(text);
    const share = {
        numerator: BigInt(found?.[1] ?? -1), denominator: BigInt(found?.[2] ?? 1),
    };
    if (share.numerator < 0n || share.numerator > share.denominator) {
        badInstance.refuse(path, "Expected a fraction from 0 to 1, as 2/5.");
    }
    return share;
}

function readPositive(value: Json, path: Path): Share {
    const share = readShare(value, path);
    return share.numerator > 0n ? share : badInstance.refuse(path, "Expected a fraction above 0.");
}

function readTiers(value: Json | undefined, path: Path): string[][] {
    if (value === undefined) return [];
    const seen = new Set<string>();
    const tiers = badInstance.array(value, path);
    if (tiers.length >= tiersMax) badInstance.refuse(path, "There are too many tiers.");
    return tiers.map((tier, number) => {
        const at = [...path, number];
        const uses = badInstance.array(tier, at).map((use) => badInstance.text(use, at));
        if (uses.length === 0) badInstance.refuse(at, "A tier is empty.");
        for (const use of uses) {
            if (seen.has(use)) badInstance.refuse(at, "An end use is listed twice.");
            seen.add(use);
        }
        return uses;
    });
}

/** What the rule makes of the pool. */
function ruleOf(
    terms: RuleTerms, pool: Pool, instance: AllocationInstance, path: Path,
): NamedRule {
    const offered = sumOf(instance.offerCapacity);
    const partOf = ({ numerator, denominator }: Share) => offered * numerator / denominator;
    const cap = instance.cap.slice();
    if (terms.memberCap !== undefined) {
        const most = partOf(terms.memberCap);
        for (let member = 0; member < cap.length; ++member) {
            if (cap[member]! > most) cap[member] = most;
        }
    }
    const group = terms.floor === undefined ? undefined : pool.groups.get(terms.floor.group)
        ?? badInstance.refuse([...path, "floor", "group"], "The instance has no such group.");
    const reserved = group === undefined || terms.floor === undefined ? {} : {
        reserved: {
            units: partOf(terms.floor.share),
            inGroup: pool.members.list.map((_, member) => group.has(member)),
        },
    };
    const ruled: AllocationInstance = {
        ...instance, cap, weight: weightsUnder(terms, pool, instance, path),
        carryOver: BigInt64Array.from(pool.confirmed, (confirmed) => carried(terms, confirmed)),
    };
    return {
        id: terms.id, version: terms.version,
        pool: {
            instance: ruled, choices: terms.byChoice ? pool.choices : choicesAsOne(instance),
            tier: Uint32Array.from(pool.endUse, (use) => {
                const tier = terms.tiers.findIndex((uses) => use !== undefined && uses.includes(use));
                return tier < 0 ? terms.tiers.length : tier;
            }),
            minimum: pool.minimum, minimums: terms.minimums,
            floors: { rounding: terms.rounding, oneEach: terms.oneEach, ...reserved },
        },
    };
}

function choicesAsOne(
    { needOwner, lawfulBegin, lawfulOffers, lawfulList }: AllocationInstance,
): Uint32Array[][] {
    const lists = Array.from({ length: lawfulBegin.length - 1 }, (_, list) =>
        lawfulOffers.subarray(lawfulBegin[list]!, lawfulBegin[list + 1]!));
    return Array.from(needOwner, (_, need) => [lists[lawfulList?.[need] ?? need]!]);
}

function weightsUnder(
    terms: RuleTerms, pool: Pool, instance: AllocationInstance, path: Path,
): Float64Array {
    if (terms.byClaims) {
        const asked = new BigInt64Array(instance.weight.length);
        instance.needOwner.forEach((owner, need) => {
            asked[owner] = asked[owner]! + instance.needQuantity[need]!;
        });
        const most = BigInt(weightMax);
        return Float64Array.from(asked, (units) => {
            if (units > most) return weightMax;
            return Number(units > 0n ? units : 1n);
        });
    }
    if (terms.weights === undefined) return instance.weight;
    const table = pool.weights.get(terms.weights)
        ?? badInstance.refuse([...path, "weights"], "The instance has no such table.");
    return Float64Array.from(pool.members.list, (id, member) => Number(table.get(member)
        ?? badInstance.refuse([...path, "weights"], `It does not list member "${shownName(id)}".`)));
}

/** Units of earlier rounds that still count. */
function carried({ carryOver }: RuleTerms, confirmed: readonly bigint[]): bigint {
    if (carryOver === undefined) return 0n;
    const { numerator, denominator } = carryOver.keep;
    let counts = 0n;
    for (const units of confirmed.slice(0, carryOver.rounds).reverse()) {
        counts = counts * numerator / denominator + units;
    }
    return counts < unitsMax ? counts : unitsMax;
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
const ruledMembers = ["rule", "stages", "dropped"];
const outcomes = [
    "met_in_full", "no_offer", "none_lawful", "member_cap", "floor_first", "no_better_off",
];
const ruledOutcomes = ["below_minimum", "earlier_stage"];

/**
 * A result document that was read already. Pairs, totals and certificate are taken from it for
 * checkCertificate to judge; what else it repeats of the instance and of the pairs is compared here.
 * Exact shares and reasons are read for their form alone.
 */
export function allocationFrom(value: Json, named: NamedInstance, path: Path = []): Allocation {
    if (named.rule !== undefined) badSolution.refuse(path, "A rule divides in stages: readDivisions.");
    const result = badSolution.object(value, path);
    badSolution.only(result, path, resultMembers);
    return resultFrom(result, named, path);
}

/** As allocationFrom, with the stages before it and what else a rule adds to the document. */
export function divisionFrom(value: Json, named: NamedInstance, path: Path = []): Division {
    const { rule } = named;
    if (rule === undefined) {
        const allocation = allocationFrom(value, named, path);
        return {
            stages: [{ tier: 0, choice: 0, allocation }], dropped: new Set(),
            floors: named.instance.floor,
        };
    }
    const result = badSolution.object(value, path);
    badSolution.only(result, path, [...resultMembers, ...ruledMembers]);
    const at = [...path, "rule"];
    const head = badSolution.object(badSolution.member(result, "rule", path), at);
    badSolution.only(head, at, ["id", "version"]);
    if (head.get("id") !== rule.id || head.get("version") !== rule.version) {
        badSolution.refuse(at, "The instance has another rule.");
    }
    const allocation = resultFrom(result, named, path);
    const names = stagesOf(rule.pool);
    const stages: Stage[] = [];
    const given = result.get("stages");
    if ((names.length > 1) !== (given !== undefined)) {
        badSolution.refuse([...path, "stages"], `There are ${names.length} stages.`);
    }
    for (const [number, stage] of badSolution.array(given ?? [], [...path, "stages"]).entries()) {
        stages.push(readStage(stage, named, [...path, "stages", number]));
    }
    stages.push({ ...names[names.length - 1]!, allocation });
    return {
        stages, dropped: readDropped(result, named, rule, path), floors: readFloors(result, named, path),
    };
}

function readStage(value: Json, named: NamedInstance, path: Path): Stage {
    const stage = badSolution.object(value, path);
    badSolution.only(stage, path, ["tier", "choice", "members", "needs", "certificate"]);
    const part = (name: string) => badSolution.member(stage, name, path);
    const name: StageName = {
        tier: Number(badSolution.canonicalUnits(part("tier"), [...path, "tier"])) - 1,
        choice: Number(badSolution.canonicalUnits(part("choice"), [...path, "choice"])) - 1,
    };
    const members = badSolution.object(part("members"), [...path, "members"]);
    badSolution.exactly(members, [...path, "members"], named.members);
    const totals = BigInt64Array.from(named.members.list, (id) =>
        badSolution.canonicalUnits(members.get(id)!, [...path, "members", id]));

    const needs = badSolution.object(part("needs"), [...path, "needs"]);
    const flows: Flows = { need: [], offer: [], units: [] };
    const numbers = [...needs.keys()].map((id) =>
        badSolution.known(named.needs, id, "need", [...path, "needs"])).sort((a, b) => a - b);
    for (const need of numbers) {
        const id = named.needs.list[need]!;
        readPairs(needs.get(id)!, need, named, [...path, "needs", id], flows);
    }
    const certificate = readCertificate(part("certificate"), named, [...path, "certificate"]);
    return { ...name, allocation: allocationOf(flows, totals, certificate) };
}

function readDropped(
    result: JsonObject, named: NamedInstance, rule: NamedRule, path: Path,
): ReadonlySet<number> {
    const dropped = new Set<number>();
    const at = [...path, "dropped"];
    if (rule.pool.minimums !== result.has("dropped")) {
        badSolution.refuse(at, "This stands under rules with least quantities, and only there.");
    }
    let last = -1;
    for (const element of badSolution.array(result.get("dropped") ?? [], at)) {
        const need = badSolution.known(named.needs, badSolution.text(element, at), "need", at);
        if (need <= last) badSolution.refuse(at, "Needs come in order, each once.");
        dropped.add(last = need);
    }
    return dropped;
}

function readFloors(result: JsonObject, named: NamedInstance, path: Path): BigInt64Array {
    const members = badSolution.object(badSolution.member(result, "members", path), [...path, "members"]);
    return BigInt64Array.from(named.members.list, (id) => {
        const at = [...path, "members", id];
        const floor = badSolution.object(members.get(id)!, at).get("floor");
        if (floor === undefined) return 0n;
        const units = badSolution.canonicalUnits(floor, [...at, "floor"]);
        return units > 0n ? units : badSolution.refuse([...at, "floor"], "A floor of 0 is left out.");
    });
}

function allocationOf(
    flows: Flows, totals: BigInt64Array, certificate: Uint32Array,
): Allocation {
    return {
        flowNeed: Uint32Array.from(flows.need), flowOffer: Uint32Array.from(flows.offer),
        flowUnits: BigInt64Array.from(flows.units), totals, certificate,
    };
}

/** What every result has, and what repeats the instance. */
function resultFrom(result: JsonObject, named: NamedInstance, path: Path): Allocation {
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
    return allocationOf(flows, totals, certificate);
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
    const hasShares = named.rule === undefined || !named.rule.pool.minimums
        && named.rounding !== "serial" && stagesOf(named.rule.pool).length === 1;
    const known = ["units"];
    if (hasShares) known.push("r");
    if (named.rule !== undefined) known.push("floor");
    return BigInt64Array.from(named.members.list, (id) => {
        const at = [...path, id];
        const fields = badSolution.object(members.get(id)!, at);
        badSolution.only(fields, at, known);
        const units = badSolution.canonicalUnits(badSolution.member(fields, "units", at), [...at, "units"]);
        if (!hasShares) return units;
        const share = badSolution.text(badSolution.member(fields, "r", at), [...at, "r"]);
        if (!/^(0|[1-9][0-9]*)(\/[1-9][0-9]*)?$/.test(share)) {
            badSolution.refuse([...at, "r"], "Expected a fraction, as 85/3.");
        }
        return units;
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
        const from = badSolution.member(fields, "from", at);
        compareUnits(fields, "units", readPairs(from, need, named, [...at, "from"], flows), at);
    }
    return flows;
}

/** Adds the pairs of one need to `flows`; returns their sum. */
function readPairs(
    value: Json, need: number, named: NamedInstance, path: Path, flows: Flows,
): bigint {
    const pairs: [offer: number, units: bigint][] = [];
    for (const [offer, given] of badSolution.object(value, path)) {
        const units = badSolution.canonicalUnits(given, [...path, offer]);
        pairs.push([badSolution.known(named.offers, offer, "offer", path), units]);
    }
    pairs.sort(([a], [b]) => a - b);
    for (const [offer, units] of pairs) {
        flows.need.push(need);
        flows.offer.push(offer);
        flows.units.push(units);
    }
    return sumOf(pairs.map(([, units]) => units));
}

function readReason(fields: JsonObject, named: NamedInstance, path: Path): void {
    const outcome = badSolution.text(badSolution.member(fields, "outcome", path), [...path, "outcome"]);
    const known = named.rule === undefined ? outcomes : [...outcomes, ...ruledOutcomes];
    if (!known.includes(outcome)) {
        badSolution.refuse([...path, "outcome"], `Expected ${known.join(", ")}.`);
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
