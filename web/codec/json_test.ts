// SPDX-License-Identifier: Apache-2.0

// One refusal for each rule of docs/spec/codec.md section 2.1, and what must stay readable.

import assert from "node:assert/strict";
import { test } from "node:test";

import { type Json, readJson } from "./json";

const limits = { octetsMax: 65_535, depthMax: 3 };

function read(text: string): Json {
    return readJson(new TextEncoder().encode(text), limits);
}

test("every kind of value is read", () => {
    const value = read(' { "a" : [ true , false , -1 , 0 , "" ] , "b" : { } , "c" : [ ] } \n');
    assert.deepEqual(value, new Map<string, Json>([
        ["a", [true, false, -1, 0, ""]], ["b", new Map()], ["c", []],
    ]));
    assert.equal(read("9007199254740991"), Number.MAX_SAFE_INTEGER);
    assert.equal(read("-9007199254740991"), Number.MIN_SAFE_INTEGER);
});

test("texts are read with their escapes", () => {
    assert.equal(read(String.raw`"\"\\\/\b\f\n\r\té\ud83d\ude00é😀"`), '"\\/\b\f\n\r\té😀é😀');
});

test("no name is special", () => {
    const value = read('{"__proto__": {"x": 1}, "constructor": 2}');
    assert.ok(value instanceof Map);
    assert.deepEqual([...value.keys()], ["__proto__", "constructor"]);
});

test("what is not allowed is refused", () => {
    const refused: [string, string[]][] = [
        ["codec/bad-json", [
            "", " ", "{", "[", '"', '"a', "{]", "[}", "[1,]", '{"a":1,}', "{,}", "[,]", '{"a"}', '{"a":}',
            "{a:1}", "{1:1}", "1 2", "[1 2]", '{"a":1 "b":2}', "tru", "True", "nul", "'a'", "// c\n1",
            "01", "-", "-01", "+1", ".5", '"\t"', '"\n"', '"\\x"', '"\\u12"', '"\\u12g4"', '"\\ud800"',
            '"\\ude00\\ud83d"', '"\\ud83dx"', "\ufeff1", "[1]x", "\u00a01",
        ]],
        ["codec/bad-number", ["1.0", "1e2", "1E2", "-0", "1e400", "9007199254740992", "-9007199254740992",
            "123456789012345678901234567890"]],
        ["codec/null", ["null", "[null]", '{"a":null}']],
        ["codec/duplicate-member", ['{"a":1,"a":1}', '{"a":1,"\\u0061":2}']],
        ["codec/too-deep", ["[[[[]]]]", '{"a":{"b":{"c":{}}}}']],
        ["codec/too-large", [`"${"x".repeat(65_534)}"`]],
    ];
    for (const [reason, texts] of refused) {
        for (const text of texts) assert.throws(() => read(text), { reason }, text.slice(0, 40));
    }
    read("[[[1]]]");
    read(`"${"x".repeat(65_533)}"`);
});

test("what is not UTF-8 is refused", () => {
    for (const octets of [[0x22, 0xff, 0x22], [0x22, 0xc0, 0x80, 0x22], [0x22, 0xed, 0xa0, 0x80, 0x22],
        [0x22, 0xf4, 0x90, 0x80, 0x80, 0x22], [0x22, 0xc3]]) {
        assert.throws(() => readJson(Uint8Array.from(octets), limits), { reason: "codec/bad-utf8" });
    }
});

test("a message starts with the place", () => {
    assert.throws(() => read('{"a/~b": [1, null]}'), { message: /^\/a~1~0b\/1: / });
    assert.throws(() => read(`{"${"x".repeat(70)}": null}`), { message: /^\/x{64}…: / });
    assert.throws(() => read('{"a\\u0007": null}'), { message: /^\/a\?: / });
    assert.throws(() => read("null"), { message: /^Leave out/ });
});
