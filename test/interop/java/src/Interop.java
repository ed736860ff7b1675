import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.async.AsyncRequestBody;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3Configuration;
import software.amazon.awssdk.services.s3.model.Bucket;
import software.amazon.awssdk.services.s3.model.ChecksumAlgorithm;
import software.amazon.awssdk.services.s3.model.ChecksumMode;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;
import software.amazon.awssdk.services.s3.model.PutObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Object;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;
import software.amazon.awssdk.services.s3.presigner.model.PresignedPutObjectRequest;
import software.amazon.awssdk.services.sts.StsClient;
import software.amazon.awssdk.transfer.s3.S3TransferManager;

/**
 * The AWS SDK for Java as programs use it, against the server at ENDPOINT. It prints a line for each step that went well and ends
 * with an error at the first that did not. Over https CA_BUNDLE names the authority to trust.
 */
public final class Interop {
  private static final String BUCKET = "from-java";
  private static final int MIB = 1024 * 1024;
  private static final int LARGE_BYTES = 20 * MIB + 3;
  private static final String OTHER_ACCOUNT = "222222222222";

  /** Nasty enough that a signature over a wrongly encoded key does not match. */
  private static final String KEY = "a b+c/ü%2F=&.txt";

  private static final byte[] CONTENT = "from Java, with love".getBytes(StandardCharsets.UTF_8);
  private static final URI ENDPOINT = URI.create(System.getenv("ENDPOINT"));
  private static final AwsCredentials OWN =
      AwsBasicCredentials.create(System.getenv("AWS_ACCESS_KEY_ID"), System.getenv("AWS_SECRET_ACCESS_KEY"));

  private final TrustManagerFactory trust = trustOf(System.getenv("CA_BUNDLE"));
  private final SdkHttpClient http = Apache5HttpClient.builder().tlsTrustManagersProvider(trust::getTrustManagers).build();
  private final S3Client s3 = client(OWN);

  private interface Step {
    void run() throws Exception;
  }

  public static void main(String[] args) throws Exception {
    Interop interop = new Interop();
    Map<String, Step> steps = new LinkedHashMap<>();
    steps.put("put", interop::put);
    steps.put("get", interop::get);
    steps.put("ranged get", interop::rangedGet);
    steps.put("multipart", interop::multipart);
    steps.put("checksums", interop::checksums);
    steps.put("conditional put", interop::conditionalPut);
    steps.put("list pages", interop::listPages);
    steps.put("presigned get and put", interop::presigned);
    steps.put("copy", interop::copy);
    steps.put("delete many", interop::deleteMany);
    steps.put("assume role", interop::assumeRole);
    for (Map.Entry<String, Step> step : steps.entrySet()) {
      step.getValue().run();
      System.out.println("ok " + step.getKey());
    }
    // The clients' threads would keep the program alive for a while.
    System.exit(0);
  }

  private Interop() throws Exception {}

  private void put() {
    s3.createBucket(request -> request.bucket(BUCKET));
    s3.putObject(
        request -> request.bucket(BUCKET).key(KEY).metadata(Map.of("colour", "blue")).contentType("text/plain"),
        RequestBody.fromBytes(CONTENT));
  }

  private void get() {
    var got = s3.getObjectAsBytes(request -> request.bucket(BUCKET).key(KEY));
    expect(Arrays.equals(got.asByteArray(), CONTENT), "another content");
    expect("text/plain".equals(got.response().contentType()), got.response().contentType());
    expect("blue".equals(got.response().metadata().get("colour")), got.response().metadata());
    try {
      s3.getObjectAsBytes(request -> request.bucket(BUCKET).key("missing"));
      throw new AssertionError("there is something missing");
    } catch (NoSuchKeyException expected) {
      expect(expected.statusCode() == 404, expected);
    }
  }

  private void rangedGet() {
    var got = s3.getObjectAsBytes(request -> request.bucket(BUCKET).key(KEY).range("bytes=5-8"));
    expect(got.asUtf8String().equals("Java"), got.asUtf8String());
    expect(got.response().contentRange().equals("bytes 5-8/" + CONTENT.length), got.response().contentRange());
  }

  private void multipart() throws Exception {
    var netty = NettyNioAsyncHttpClient.builder().tlsTrustManagersProvider(trust::getTrustManagers).build();
    S3AsyncClient async =
        S3AsyncClient.builder()
            .endpointOverride(ENDPOINT)
            .region(Region.US_EAST_1)
            .forcePathStyle(true)
            .credentialsProvider(StaticCredentialsProvider.create(OWN))
            .httpClient(netty)
            .multipartEnabled(true)
            .build();
    byte[] body = bodyOf(LARGE_BYTES);
    Path up = Files.createTempFile("standin-java-", ".up");
    Path down = Files.createTempFile("standin-java-", ".down");
    Files.write(up, body);
    try (async; S3TransferManager manager = S3TransferManager.builder().s3Client(async).build()) {
      manager.uploadFile(file -> file.source(up).putObjectRequest(put -> put.bucket(BUCKET).key("large"))).completionFuture().join();
      HeadObjectResponse head = s3.headObject(request -> request.bucket(BUCKET).key("large"));
      expect(head.eTag().endsWith("-3\"") && head.contentLength() == LARGE_BYTES, head);
      manager
          .downloadFile(file -> file.destination(down).getObjectRequest(get -> get.bucket(BUCKET).key("large")))
          .completionFuture()
          .join();
      expect(Arrays.equals(Files.readAllBytes(down), body), "another content after the download in parts");
      // A stream whose length nobody knows.
      InputStream stream = new ByteArrayInputStream(body);
      var streamed = AsyncRequestBody.fromInputStream(stream, null, Executors.newSingleThreadExecutor());
      manager
          .upload(
              upload ->
                  upload
                      .requestBody(streamed)
                      .putObjectRequest(
                          put -> put.bucket(BUCKET).key("streamed").checksumAlgorithm(ChecksumAlgorithm.CRC32_C)))
          .completionFuture()
          .join();
      expect(Arrays.equals(read("streamed"), body), "another content after the upload of a stream");
      manager.copy(copy -> copy.copyObjectRequest(request -> request.sourceBucket(BUCKET).sourceKey("large").destinationBucket(BUCKET).destinationKey("copied")))
          .completionFuture()
          .join();
      expect(Arrays.equals(read("copied"), body), "another content after the copy in parts");
    } finally {
      Files.delete(up);
      Files.delete(down);
    }
  }

  private void checksums() {
    byte[] body = bodyOf(200_000);
    PutObjectResponse put = s3.putObject(request -> request.bucket(BUCKET).key("default"), RequestBody.fromBytes(body));
    expect(put.checksumCRC32() != null, "the default is not CRC32: " + put);
    for (String name : List.of("CRC32", "CRC32C", "SHA1", "SHA256")) {
      s3.putObject(
          request -> request.bucket(BUCKET).key(name).checksumAlgorithm(ChecksumAlgorithm.fromValue(name)),
          // A stream: its checksum goes behind it.
          RequestBody.fromInputStream(new ByteArrayInputStream(body), body.length));
      expect(Arrays.equals(read(name), body), name + ": another content");
    }
    expect(head("CRC32C").checksumCRC32C() != null, "no CRC32C");
    String sha256 = head("SHA256").checksumSHA256();
    expect(sha256 != null, "no SHA256");
    refused(
        "BadDigest",
        () -> s3.putObject(request -> request.bucket(BUCKET).key("wrong").checksumSHA256(sha256), RequestBody.fromBytes(CONTENT)));
  }

  private void conditionalPut() throws Exception {
    Step once = () -> s3.putObject(request -> request.bucket(BUCKET).key("once").ifNoneMatch("*"), RequestBody.fromBytes(CONTENT));
    once.run();
    refused("PreconditionFailed", once);
  }

  private void listPages() {
    List<String> keys = IntStream.range(0, 25).mapToObj(number -> String.format("list/%02d", number)).toList();
    for (String key : keys) s3.putObject(request -> request.bucket(BUCKET).key(key), RequestBody.fromString("x"));
    List<Integer> sizes = new ArrayList<>();
    List<String> found = new ArrayList<>();
    for (var page : s3.listObjectsV2Paginator(request -> request.bucket(BUCKET).prefix("list/").maxKeys(10))) {
      sizes.add(page.contents().size());
      for (S3Object object : page.contents()) found.add(object.key());
    }
    expect(sizes.equals(List.of(10, 10, 5)), "pages of " + sizes);
    expect(found.equals(keys), found);
  }

  private void presigned() throws Exception {
    Duration minute = Duration.ofMinutes(1);
    String key = "by URL/" + KEY;
    SSLContext tls = SSLContext.getInstance("TLS");
    tls.init(null, trust.getTrustManagers(), null);
    HttpClient plain = HttpClient.newBuilder().sslContext(tls).version(HttpClient.Version.HTTP_1_1).build();
    S3Configuration pathStyle = S3Configuration.builder().pathStyleAccessEnabled(true).build();
    try (S3Presigner signer =
        S3Presigner.builder()
            .endpointOverride(ENDPOINT)
            .region(Region.US_EAST_1)
            .credentialsProvider(StaticCredentialsProvider.create(OWN))
            .serviceConfiguration(pathStyle)
            .build()) {
      PresignedPutObjectRequest put =
          signer.presignPutObject(
              signing -> signing.signatureDuration(minute).putObjectRequest(request -> request.bucket(BUCKET).key(key).contentType("text/x")));
      HttpRequest.Builder upload = HttpRequest.newBuilder(put.url().toURI()).PUT(HttpRequest.BodyPublishers.ofByteArray(CONTENT));
      put.signedHeaders().forEach((name, values) -> {
        if (!name.equalsIgnoreCase("host")) values.forEach(value -> upload.header(name, value));
      });
      HttpResponse<String> uploaded = plain.send(upload.build(), HttpResponse.BodyHandlers.ofString());
      expect(uploaded.statusCode() == 200, "PUT by URL: " + uploaded.statusCode() + uploaded.body());
      URI url =
          signer
              .presignGetObject(signing -> signing.signatureDuration(minute).getObjectRequest(request -> request.bucket(BUCKET).key(key)))
              .url()
              .toURI();
      HttpResponse<byte[]> got = plain.send(HttpRequest.newBuilder(url).build(), HttpResponse.BodyHandlers.ofByteArray());
      expect(got.statusCode() == 200, "GET by URL: " + got.statusCode());
      expect(got.headers().firstValue("content-type").orElse("").equals("text/x"), got.headers());
      expect(Arrays.equals(got.body(), CONTENT), "another content by URL");
    }
  }

  private void copy() {
    String to = "copied/" + KEY;
    s3.copyObject(request -> request.sourceBucket(BUCKET).sourceKey(KEY).destinationBucket(BUCKET).destinationKey(to));
    expect(Arrays.equals(read(to), CONTENT), "the copy has another content");
  }

  private void deleteMany() {
    List<ObjectIdentifier> all =
        s3.listObjectsV2(request -> request.bucket(BUCKET)).contents().stream()
            .map(object -> ObjectIdentifier.builder().key(object.key()).build())
            .toList();
    var deleted = s3.deleteObjects(request -> request.bucket(BUCKET).delete(objects -> objects.objects(all)));
    expect(all.size() > 25 && deleted.deleted().size() == all.size() && deleted.errors().isEmpty(), deleted);
    expect(s3.listObjectsV2(request -> request.bucket(BUCKET)).keyCount() == 0, "something is left");
  }

  private void assumeRole() {
    try (StsClient sts =
        StsClient.builder()
            .endpointOverride(ENDPOINT)
            .region(Region.US_EAST_1)
            .credentialsProvider(StaticCredentialsProvider.create(OWN))
            .httpClient(http)
            .build()) {
      String role = "arn:aws:iam::" + OTHER_ACCOUNT + ":role/deploy";
      var issued = sts.assumeRole(request -> request.roleArn(role).roleSessionName("java")).credentials();
      S3Client other = client(AwsSessionCredentials.create(issued.accessKeyId(), issued.secretAccessKey(), issued.sessionToken()));
      other.createBucket(request -> request.bucket("of-the-role"));
      expect(bucketsOf(other).equals(List.of("of-the-role")), bucketsOf(other));
      expect(bucketsOf(s3).equals(List.of(BUCKET)), bucketsOf(s3));
    }
  }

  private S3Client client(AwsCredentials credentials) {
    return S3Client.builder()
        .endpointOverride(ENDPOINT)
        .region(Region.US_EAST_1)
        .forcePathStyle(true)
        .credentialsProvider(StaticCredentialsProvider.create(credentials))
        .httpClient(http)
        .build();
  }

  private byte[] read(String key) {
    return s3.getObjectAsBytes(request -> request.bucket(BUCKET).key(key).checksumMode(ChecksumMode.ENABLED)).asByteArray();
  }

  private HeadObjectResponse head(String key) {
    return s3.headObject(request -> request.bucket(BUCKET).key(key).checksumMode(ChecksumMode.ENABLED));
  }

  private static List<String> bucketsOf(S3Client client) {
    return client.listBuckets().buckets().stream().map(Bucket::name).toList();
  }

  /** Those that the machine trusts, or those of a file. */
  private static TrustManagerFactory trustOf(String file) throws Exception {
    TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    KeyStore store = null;
    if (file != null) {
      store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      try (InputStream pem = Files.newInputStream(Path.of(file))) {
        store.setCertificateEntry("standin", CertificateFactory.getInstance("X.509").generateCertificate(pem));
      }
    }
    factory.init(store);
    return factory;
  }

  /** Bytes that differ from place to place, so that a part in the wrong place is found out. */
  private static byte[] bodyOf(int size) {
    byte[] body = new byte[size];
    int state = size;
    for (int at = 0; at < size; at++) {
      state = state * 1664525 + 1013904223;
      body[at] = (byte) (state >>> 24);
    }
    return body;
  }

  private static void expect(boolean holds, Object what) {
    if (!holds) throw new AssertionError(what);
  }

  private static void refused(String code, Step step) {
    try {
      step.run();
    } catch (AwsServiceException error) {
      expect(code.equals(error.awsErrorDetails().errorCode()), error);
      return;
    } catch (Exception error) {
      throw new AssertionError(error);
    }
    throw new AssertionError(code + " was expected");
  }
}
