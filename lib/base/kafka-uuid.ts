// Ids as Kafka prints them: 16 bytes in base64url, 22 characters.
import type { Dice } from './dice.ts';

/**
 * A fresh random UUID (version 4) in Kafka's form. It never begins with `-`, as Kafka's own do not: tools would take it
 * for an option (`Uuid.randomUuid` of Kafka's clients).
 */
export function randomKafkaUuid(dice: Dice): string {
  for (;;) {
    const bytes = Buffer.from(dice.bytes(16));
    bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6);
    bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
    const text = bytes.toString('base64url');
    if (!text.startsWith('-')) return text;
  }
}
