// SPDX-License-Identifier: Apache-2.0

/**
 * Input that cannot be used. Thrown by readers alone and caught where a program or a page begins;
 * what a check finds wrong is returned, never thrown.
 */
export class Refusal extends Error {
    /** Stable, for programs, the same as the server's: "codec/bad-json". */
    readonly reason: string;

    constructor(reason: string, message: string) {
        super(message);
        this.name = "Refusal";
        this.reason = reason;
    }
}
