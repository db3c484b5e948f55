// Records as lines: bytes in base64, `-` for null.
package compat;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.StringJoiner;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;

final class Lines {
  private Lines() {}

  static synchronized void print(Object... fields) {
    StringJoiner line = new StringJoiner("\t");
    for (Object field : fields) line.add(String.valueOf(field));
    System.out.println(line);
    System.out.flush();
  }

  static void print(ConsumerRecord<byte[], byte[]> record) {
    StringJoiner headers = new StringJoiner(",");
    for (Header header : record.headers()) headers.add(header.key() + "=" + text(header.value()));
    print(
        "record",
        record.topic(),
        record.partition(),
        record.offset(),
        text(record.key()),
        text(record.value()),
        headers);
  }

  static String text(byte[] bytes) {
    return bytes == null ? "-" : Base64.getEncoder().encodeToString(bytes);
  }

  static byte[] bytes(String text) {
    return text.equals("-") ? null : Base64.getDecoder().decode(text);
  }

  static List<Header> headers(String text) {
    List<Header> headers = new ArrayList<>();
    if (text.isEmpty()) return headers;
    for (String one : text.split(",")) {
      int at = one.indexOf('=');
      headers.add(new RecordHeader(one.substring(0, at), bytes(one.substring(at + 1))));
    }
    return headers;
  }
}
