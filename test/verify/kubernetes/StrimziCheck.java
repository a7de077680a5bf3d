import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import io.strimzi.api.kafka.model.topic.KafkaTopic;
import io.strimzi.api.kafka.model.user.KafkaUser;
import java.util.Map;

/**
 * Decodes the objects of Strimzi among JSON lines on stdin strictly by Strimzi's own types; prints the kind and name of
 * each. Unknown fields and values that do not survive are errors.
 */
class StrimziCheck {
  private static final Map<String, Class<?>> KINDS =
      Map.of("KafkaTopic", KafkaTopic.class, "KafkaUser", KafkaUser.class);

  /** Strimzi's types collect unknown fields; here they are to be refused. */
  private static final class Strict extends JacksonAnnotationIntrospector {
    @Override
    public Boolean hasAnySetter(Annotated annotated) {
      return false;
    }
  }

  public static void main(String[] arguments) throws Exception {
    ObjectMapper plain = new ObjectMapper();
    ObjectMapper strict =
        new ObjectMapper()
            .setAnnotationIntrospector(new Strict())
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
    MappingIterator<JsonNode> documents = plain.readerFor(JsonNode.class).readValues(System.in);
    while (documents.hasNext()) {
      JsonNode given = documents.next();
      if (!given.path("apiVersion").asText().startsWith("kafka.strimzi.io/")) continue;
      String name = given.path("kind").asText() + " " + given.path("metadata").path("name").asText();
      Class<?> type = KINDS.get(given.path("kind").asText());
      if (type == null) throw new IllegalArgumentException(name + ": unknown kind");
      Object decoded = strict.treeToValue(given, type);
      requireWithin(name, given, plain.valueToTree(decoded));
      System.out.println(name);
    }
  }

  /** Values that an enum does not know are decoded to null, silently. */
  private static void requireWithin(String path, JsonNode given, JsonNode kept) {
    if (given.isObject()) {
      given.fields().forEachRemaining(
          field -> requireWithin(path + "/" + field.getKey(), field.getValue(), kept.path(field.getKey())));
    } else if (given.isArray()) {
      for (int i = 0; i < given.size(); i++) requireWithin(path + "/" + i, given.get(i), kept.path(i));
    } else if (!given.asText().equals(kept.asText())) {
      throw new IllegalArgumentException(path + ": " + given + " became " + kept);
    }
  }
}
