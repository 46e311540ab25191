// SPDX-License-Identifier: Apache-2.0
//
// How we trust COSE: the working group's and an independent program's messages verify, there is one
// encoding, and every other way to write the same message is refused.

#include "crypto/cose.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "base/hex.h"
#include "codec/json.h"
#include "crypto/key.h"

namespace comity::crypto {
namespace {

Bytes hex(std::string_view text) { return *from_hex(text); }

codec::Object vector_file(const std::string& name) {
    std::ifstream file(COMITY_SOURCE_DIR "/tests/vectors/record/" + name);
    std::stringstream text;
    text << file.rdbuf();
    return std::get<codec::Object>(codec::parse_json(text.str())->data);
}

CoseSign1 example() {
    return {
        .protected_header = hex("a10132"), .payload = hex("68656c6c6f"), .signature = Bytes(64)};
}

TEST(Cose, WorkingGroupExampleVerifies) {
    const auto example = vector_file("cose-eddsa-sig-01.json");
    const auto octets = [&](const char* name) {
        return hex(std::get<std::string>(example.at(name).data));
    };
    const Bytes signed_octets = signature_input(octets("protected"), octets("payload"));
    EXPECT_EQ(signed_octets, octets("signature_input"));
    const auto key = checked_public_key(Algorithm::ed25519, octets("public_key"));
    ASSERT_TRUE(key);
    EXPECT_TRUE(verify(*key, signed_octets, octets("signature")));
    // It has an unprotected key id, which would not be signed.
    EXPECT_EQ(parse_cose_sign1(octets("message")).error().reason, "crypto/bad-cose");
}

TEST(Cose, HasOneEncoding) {
    EXPECT_EQ(to_hex(encode(example())), "d28443a10132a04568656c6c6f5840" + std::string(128, '0'));
    EXPECT_EQ(*parse_cose_sign1(encode(example())), example());
}

TEST(Cose, ReadsAnEmptyPayload) {
    CoseSign1 message = example();
    message.payload.clear();
    EXPECT_EQ(*parse_cose_sign1(encode(message)), message);
}

TEST(Cose, RefusesEveryOtherForm) {
    const std::string tail = "4568656c6c6f5840" + std::string(128, '0');
    const std::string signature = "5840" + std::string(128, '0');
    const std::vector<std::pair<const char*, std::string>> forms{
        {"no tag", "8443a10132a0" + tail},
        {"another tag", "d18443a10132a0" + tail},
        {"a long tag", "d8128443a10132a0" + tail},
        {"five members", "d28543a10132a0" + tail + "00"},
        {"three members", "d28343a10132a04568656c6c6f"},
        {"an indefinite array", "d29f43a10132a0" + tail + "ff"},
        {"a long array head", "d2980443a10132a0" + tail},
        {"no protected header", "d28440a0" + tail},
        {"a protected header of a map", "d284a10132a0" + tail},
        {"a long header length",
         "d284580"
         "3a10132a0" +
             tail},
        {"an unprotected member", "d28443a10132a10441ff" + tail},
        {"an indefinite unprotected map", "d28443a10132bfff" + tail},
        {"an unprotected array", "d28443a1013280" + tail},
        {"a detached payload", "d28443a10132a0f6" + signature},
        {"a text payload", "d28443a10132a06568656c6c6f" + signature},
        {"a long payload length", "d28443a10132a0580568656c6c6f" + signature},
        {"a payload in chunks", "d28443a10132a05f4568656c6c6fff" + signature},
        {"a short signature", "d28443a10132a04568656c6c6f583f" + std::string(126, '0')},
        {"a long signature", "d28443a10132a04568656c6c6f5841" + std::string(130, '0')},
        {"something behind", "d28443a10132a0" + tail + "00"},
        {"nothing", ""},
    };
    for (const auto& [what, form] : forms) {
        const auto parsed = parse_cose_sign1(hex(form));
        ASSERT_FALSE(parsed) << what;
        EXPECT_EQ(parsed.error().reason, "crypto/bad-cose") << what;
    }
}

TEST(Cose, RefusesEveryPrefix) {
    const Bytes whole = encode(example());
    for (std::size_t size = 0; size < whole.size(); ++size) {
        EXPECT_FALSE(parse_cose_sign1(BytesView(whole).first(size))) << size;
    }
}

TEST(Cose, WhateverItReadsItWritesBack) {
    const Bytes whole = encode(example());
    for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
        Bytes bent = whole;
        bent[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
        const auto parsed = parse_cose_sign1(bent);
        if (parsed) {
            EXPECT_EQ(encode(*parsed), bent) << bit;
        }
    }
}

}  // namespace
}  // namespace comity::crypto
