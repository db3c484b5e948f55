// The Java client as a program: `<command> <host:port> <name=value>...`. What it is to do comes on standard input, what
// happened goes to standard output, a line each, in fields between tabs.
package compat;

import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.logging.Level;
import java.util.logging.Logger;

public final class Main {
  private Main() {}

  public static void main(String[] args) throws Exception {
    Logger.getLogger("").setLevel(Level.OFF);
    String command = args[0];
    String bootstrap = args[1];
    List<String> rest = Arrays.asList(args).subList(2, args.length);
    switch (command) {
      case "produce" -> Produce.run(properties(bootstrap, rest));
      case "read" -> Read.run(properties(bootstrap, rest.subList(1, rest.size())), rest.get(0));
      case "member" -> Member.run(properties(bootstrap, rest.subList(1, rest.size())), rest.get(0));
      case "administer" -> Administer.run(properties(bootstrap, rest));
      default -> throw new IllegalArgumentException("no command " + command);
    }
  }

  private static Properties properties(String bootstrap, List<String> pairs) {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", bootstrap);
    properties.put("client.id", "java");
    for (String pair : pairs) {
      int at = pair.indexOf('=');
      properties.put(pair.substring(0, at), pair.substring(at + 1));
    }
    return properties;
  }
}
