// SPDX-License-Identifier: Apache-2.0
//
// comity key: keys stay with people; the record learns the public half, with proof of possession.

#include "cli/commands.h"
#include "codec/describe.h"
#include "institution/statements.h"

namespace comity::cli {
namespace {

struct KeyArguments {
    std::string out;
    std::string algorithm = "ed25519";
    std::string origin;
    std::string delegate;
    std::string registration;
    std::string key;
    std::string reason;
};

void print_public(const crypto::PublicKey& key) {
    print_line("public key " + key.text());
    print_line("key id     " + crypto::thumbprint(key).text());
}

Result<> make_key(const KeyArguments& arguments) {
    const auto algorithm =
        arguments.algorithm == "es256" ? crypto::Algorithm::es256 : crypto::Algorithm::ed25519;
    const crypto::PrivateKey key = crypto::PrivateKey::generate(algorithm);
    if (read_file(arguments.out)) {
        return Error{Code::conflict, "cli/file-exists",
                     arguments.out + " exists; a key is never overwritten."};
    }
    TRY(write_file(arguments.out, key.pem(), true));
    print_public(key.public_key());
    note("The secret half is in " + arguments.out + ", readable to you only. Keep a copy offline.");
    return {};
}

Result<institution::KeyRegistration> registration_for(const Session& session,
                                                      const KeyArguments& arguments) {
    const crypto::PrivateKey key = TRY(read_key(session.key_file));
    institution::KeyRegistration registration{
        .member = TRY(parsed<institution::MemberId>("--as", session.member)),
        .delegate = {},
        .public_key = key.public_key(),
        .proof = {}};
    if (!arguments.delegate.empty()) {
        registration.delegate =
            TRY(parsed<institution::DelegateId>("--delegate", arguments.delegate));
    }
    std::string origin = arguments.origin;
    if (origin.empty()) origin = TRY(origin_of(session));
    registration.proof = key.sign(institution::key_proof_message(origin, registration));
    note("This proof is for the record " + origin + ".");
    return registration;
}

}  // namespace

void add_key_commands(CLI::App& app, Session& session) {
    auto* noun = app.add_subcommand("key", "Make, show, prove, register and revoke keys");
    noun->require_subcommand(1);
    auto arguments = std::make_shared<KeyArguments>();

    auto* make = noun->add_subcommand("new", "Make a key pair in a new file");
    make->add_option("--out", arguments->out, "File for the secret half (PEM)")->required();
    make->add_option("--algorithm", arguments->algorithm, "ed25519 or es256")
        ->check(CLI::IsMember({"ed25519", "es256"}));
    make->callback(
        [&session, arguments] { session.action = [arguments] { return make_key(*arguments); }; });

    noun->add_subcommand("show", "Show the public half of --key")->callback([&session] {
        session.action = [&session]() -> Result<> {
            const crypto::PrivateKey key = TRY(read_key(session.key_file));
            print_public(key.public_key());
            return {};
        };
    });

    auto* prove = noun->add_subcommand(
        "prove",
        "Write the registration of --key for the party --as, with its proof; give the file "
        "to the registrar");
    prove->add_option("--origin", arguments->origin,
                      "The record's name, as in its checkpoints; absent: the node is asked");
    prove->add_option("--delegate", arguments->delegate,
                      "The delegate whose key it is; absent: the seal");
    prove->callback([&session, arguments] {
        session.action = [&session, arguments]() -> Result<> {
            const auto registration = TRY(registration_for(session, *arguments));
            print(codec::to_value(registration), true);
            return {};
        };
    });

    add_submitting(*noun, session, "register",
                   "Register a proven key (registrar, or the party itself)", "institution.key");

    auto* revoke = noun->add_subcommand("revoke", "Revoke a key from the next entry on");
    revoke->add_option("id", arguments->key, "Its key id, sha256:…")->required();
    revoke->add_option("--reason", arguments->reason, "Why, in a sentence")->required();
    revoke->callback([&session, arguments] {
        session.action = [&session, arguments]() -> Result<> {
            return submit(session, institution::KeyRevocation{
                                       .key = TRY(parsed<Digest>("key id", arguments->key)),
                                       .reason = arguments->reason});
        };
    });
}

}  // namespace comity::cli
