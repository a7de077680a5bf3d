import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.dmfs.rfc5545.DateTime;
import org.dmfs.rfc5545.recur.RecurrenceRule;
import org.dmfs.rfc5545.recur.RecurrenceRuleIterator;

/**
 * Answers questions of random-rules.ts with lib-recur and java.time. One question a line, its fields
 * separated by tabs: start, timezone, rule, added, excluded (lists by commas). lib-recur expands floating
 * times; clock changes, UNTIL, RDATE and EXDATE are applied here. Prints the instants separated by commas,
 * or `!` and an error.
 */
class LibRecurOracle {
  static final DateTimeFormatter FORMAT = DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss");
  static final long BUDGET_NANOS = 2_000_000_000L;

  public static void main(String[] arguments) throws Exception {
    int limit = Integer.parseInt(arguments[0]);
    Instant horizon = LocalDateTime.parse(arguments[1], FORMAT).toInstant(ZoneOffset.UTC);
    BufferedReader input = new BufferedReader(new InputStreamReader(System.in));
    for (String line = input.readLine(); line != null; line = input.readLine()) {
      String answer;
      try {
        answer = answer(line.split("\t", -1), limit, horizon);
      } catch (Exception error) {
        answer = "!" + error.toString().replace('\n', ' ');
      }
      System.out.println(answer);
    }
  }

  static String answer(String[] question, int limit, Instant horizon) throws Exception {
    LocalDateTime start = LocalDateTime.parse(question[0], FORMAT);
    ZoneId zone = ZoneId.of(question[1]);
    String until = null;
    StringBuilder rule = new StringBuilder();
    for (String part : question[2].split(";")) {
      if (part.startsWith("UNTIL=")) {
        until = part.substring(6);
      } else {
        rule.append(rule.length() == 0 ? "" : ";").append(part);
      }
    }
    boolean both = question[2].matches("FREQ=(HOURLY|MINUTELY|SECONDLY).*");
    Instant last = until == null ? Instant.MAX
        : until.endsWith("Z")
            ? LocalDateTime.parse(until.substring(0, 15), FORMAT).toInstant(ZoneOffset.UTC)
            : new TreeSet<>(instants(LocalDateTime.parse(until, FORMAT), zone, true)).last();
    TreeSet<Instant> found = new TreeSet<>();
    TreeSet<Instant> excluded = new TreeSet<>();
    for (String text : question[3].isEmpty() ? new String[0] : question[3].split(",")) {
      found.add(instants(LocalDateTime.parse(text, FORMAT), zone, false).get(0));
    }
    for (String text : question[4].isEmpty() ? new String[0] : question[4].split(",")) {
      excluded.addAll(instants(LocalDateTime.parse(text, FORMAT), zone, both));
    }
    Instant end = last.isBefore(horizon) ? last : horizon;
    LocalDateTime endWall = LocalDateTime.ofInstant(end, ZoneOffset.UTC).plusDays(2);
    // Added dates may all come later than what the rule gives.
    int enough = limit + excluded.size() + found.size();
    LocalDateTime afterEnough = null;
    long began = System.nanoTime();
    RecurrenceRuleIterator walls = new RecurrenceRule(rule.toString(), RecurrenceRule.RfcMode.RFC5545_STRICT)
        .iterator(new DateTime(DateTime.GREGORIAN_CALENDAR_SCALE, start.getYear(), start.getMonthValue() - 1, start.getDayOfMonth(),
            start.getHour(), start.getMinute(), start.getSecond()));
    while (walls.hasNext()) {
      DateTime next = walls.nextDateTime();
      if (System.nanoTime() - began > BUDGET_NANOS) {
        return "!too slow";
      }
      LocalDateTime wall = LocalDateTime.of(next.getYear(), next.getMonth() + 1, next.getDayOfMonth(),
          next.getHours(), next.getMinutes(), next.getSeconds());
      if (wall.isAfter(endWall) || (afterEnough != null && wall.isAfter(afterEnough))) {
        break;
      }
      for (Instant instant : instants(wall, zone, both)) {
        if (!instant.isAfter(last)) {
          found.add(instant);
        }
      }
      if (afterEnough == null && found.size() > enough) {
        afterEnough = wall.plusHours(27);
      }
    }
    return found.stream()
        .filter(instant -> instant.isBefore(horizon) && !excluded.contains(instant))
        .limit(limit)
        .map(instant -> FORMAT.format(LocalDateTime.ofInstant(instant, ZoneOffset.UTC)) + "Z")
        .collect(Collectors.joining(","));
  }

  /** A skipped time is shifted forward: java.time does so by itself. */
  static List<Instant> instants(LocalDateTime wall, ZoneId zone, boolean both) {
    Instant first = wall.atZone(zone).toInstant();
    Instant second = wall.atZone(zone).withLaterOffsetAtOverlap().toInstant();
    return both && !first.equals(second) ? List.of(first, second) : List.of(first);
  }
}
