// SPDX-License-Identifier: Apache-2.0

// Strict JSON: one text has one meaning, or is refused (docs/spec/codec.md section 2.1).
//
// JSON.parse would keep the last of two equal members, round large numbers and read 1e2 and null in
// silence; then two readers may disagree about what a document says. Objects are Maps, so that no
// name ("__proto__") is special.

import { Refusal } from "../base/refusal";

export type Json = boolean | number | string | Json[] | JsonObject;
export type JsonObject = Map<string, Json>;

export interface JsonLimits {
    readonly octetsMax: number;
    /** Arrays and objects inside each other. */
    readonly depthMax: number;
}

/** Names in messages are cut to this many characters. */
const nameCharactersMax = 64;

/**
 * Refusals: "codec/too-large", "codec/too-deep", "codec/bad-utf8", "codec/bad-json",
 * "codec/bad-number", "codec/null", "codec/duplicate-member". A message starts with the JSON pointer
 * of the place, unless that is the whole document.
 */
export function readJson(octets: Uint8Array, limits: JsonLimits): Json {
    if (octets.length > limits.octetsMax) {
        throw new Refusal("codec/too-large", `More than ${limits.octetsMax} octets.`);
    }
    let text: string;
    try {
        // The mark of byte order is kept, and then refused as what no JSON text starts with.
        text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(octets);
    } catch {
        throw new Refusal("codec/bad-utf8", "The text is not UTF-8.");
    }
    return new Reader(text, limits.depthMax).document();
}

/** "/members/A: ", or nothing for the whole document. */
export function pointerPrefix(path: readonly (string | number)[]): string {
    if (path.length === 0) return "";
    const parts = path.map((step) =>
        "/" + shownName(String(step)).replace(/~/g, "~0").replace(/\//g, "~1"));
    return parts.join("") + ": ";
}

/** A name that came from input, as a message may show it. */
export function shownName(name: string): string {
    const shown = name.replace(/\p{Cc}/gu, "?");
    return shown.length > nameCharactersMax ? shown.slice(0, nameCharactersMax) + "…" : shown;
}

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;
const braceOpen = 0x7b;
const braceClose = 0x7d;
const bracketOpen = 0x5b;
const bracketClose = 0x5d;
const minus = 0x2d;
const digit0 = 0x30;
const digit9 = 0x39;

const escapes = new Map<string, string>([
    ['"', '"'], ["\\", "\\"], ["/", "/"], ["b", "\b"], ["f", "\f"], ["n", "\n"], ["r", "\r"],
    ["t", "\t"],
]);

class Reader {
    private at = 0;
    private readonly path: (string | number)[] = [];

    constructor(
        private readonly text: string,
        private readonly depthMax: number,
    ) {}

    document(): Json {
        const value = this.value();
        this.skipSpace();
        if (this.at !== this.text.length) this.notJson("something follows the end");
        return value;
    }

    private value(): Json {
        this.skipSpace();
        const code = this.text.charCodeAt(this.at);
        if (code === quote) return this.string();
        if (code === braceOpen) return this.object();
        if (code === bracketOpen) return this.array();
        if (code === minus || (code >= digit0 && code <= digit9)) return this.number();
        if (this.takeWord("true")) return true;
        if (this.takeWord("false")) return false;
        if (this.takeWord("null")) {
            this.refuse("codec/null", "Leave out what is absent; null is not used here.");
        }
        return this.notJson("a value is expected");
    }

    private object(): JsonObject {
        const members: JsonObject = new Map();
        this.enter();
        if (this.takeAfterSpace(braceClose)) return members;
        do {
            this.skipSpace();
            if (this.text.charCodeAt(this.at) !== quote) this.notJson("a name is expected");
            const name = this.string();
            this.path.push(name);
            if (members.has(name)) {
                this.refuse("codec/duplicate-member", "This member is there twice.");
            }
            if (!this.takeAfterSpace(colon)) this.notJson("a colon is expected");
            members.set(name, this.value());
            this.path.pop();
        } while (this.takeAfterSpace(comma));
        if (!this.takeAfterSpace(braceClose)) this.notJson("a comma or } is expected");
        return members;
    }

    private array(): Json[] {
        const elements: Json[] = [];
        this.enter();
        if (this.takeAfterSpace(bracketClose)) return elements;
        do {
            this.path.push(elements.length);
            elements.push(this.value());
            this.path.pop();
        } while (this.takeAfterSpace(comma));
        if (!this.takeAfterSpace(bracketClose)) this.notJson("a comma or ] is expected");
        return elements;
    }

    /** The path has one step a level, so that its length is the depth. */
    private enter(): void {
        if (this.path.length >= this.depthMax) {
            this.refuse("codec/too-deep", `More than ${this.depthMax} levels; flatten it.`);
        }
        ++this.at;
    }

    private number(): number {
        const begin = this.at;
        if (this.text.charCodeAt(this.at) === minus) ++this.at;
        const digits = this.at;
        while (isDigit(this.text.charCodeAt(this.at))) ++this.at;
        const count = this.at - digits;
        const leadingZero = this.text.charCodeAt(digits) === digit0;
        if (count === 0 || (leadingZero && count > 1)) this.notJson("a digit is out of place");
        const value = Number(this.text.slice(begin, this.at));
        const negativeZero = leadingZero && digits > begin;
        const more = this.text[this.at];
        if (more === "." || more === "e" || more === "E" || negativeZero
            || !Number.isSafeInteger(value)) {
            this.refuse("codec/bad-number",
                `Use a whole number within ±${Number.MAX_SAFE_INTEGER}, in digits.`);
        }
        return value;
    }

    private string(): string {
        const begin = ++this.at;
        for (;;) {
            const code = this.text.charCodeAt(this.at);
            if (code === quote) return this.text.slice(begin, this.at++);
            if (code === backslash) return this.stringWithEscapes(begin);
            if (!(code >= 0x20)) this.notJson("a text is not closed");
            ++this.at;
        }
    }

    private stringWithEscapes(begin: number): string {
        let result = this.text.slice(begin, this.at);
        for (;;) {
            const code = this.text.charCodeAt(this.at);
            if (code === quote) break;
            if (!(code >= 0x20)) this.notJson("a text is not closed");
            if (code !== backslash) {
                result += this.text[this.at++];
                continue;
            }
            const letter = this.text[this.at + 1] ?? "";
            if (letter === "u") {
                const digits = this.text.slice(this.at + 2, this.at + 6);
                if (!/^[0-9a-fA-F]{4}$/.test(digits)) this.notJson("an escape is unknown");
                result += String.fromCharCode(parseInt(digits, 16));
                this.at += 6;
            } else {
                result += escapes.get(letter) ?? this.notJson("an escape is unknown");
                this.at += 2;
            }
        }
        ++this.at;
        // With the u flag, a surrogate that is half of a pair is no surrogate to the expression.
        if (/\p{Surrogate}/u.test(result)) this.notJson("a surrogate stands alone");
        return result;
    }

    private skipSpace(): void {
        for (;;) {
            const code = this.text.charCodeAt(this.at);
            if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
            ++this.at;
        }
    }

    private takeAfterSpace(wanted: number): boolean {
        this.skipSpace();
        if (this.text.charCodeAt(this.at) !== wanted) return false;
        ++this.at;
        return true;
    }

    private takeWord(word: string): boolean {
        if (!this.text.startsWith(word, this.at)) return false;
        this.at += word.length;
        return true;
    }

    private notJson(why: string): never {
        throw new Refusal("codec/bad-json", `This is not JSON at character ${this.at}: ${why}.`);
    }

    private refuse(reason: string, message: string): never {
        throw new Refusal(reason, pointerPrefix(this.path) + message);
    }
}

function isDigit(code: number): boolean {
    return code >= digit0 && code <= digit9;
}
