#include "adapters/cli/generator/names.hpp"

namespace medflow::generator {
namespace {

constexpr Language all[] = {
    {.name = "English",
     .weight = 22,
     .surnames = Surnames::hyphenated,
     .race = "white",
     .ethnicity = "nonhispanic",
     .birthplace = "Fresno  California  US",
     .family = "Smith Johnson Williams Brown Jones Miller Davis Wilson Anderson Taylor Thomas Moore Jackson Martin "
               "Lee Thompson White Harris Clark Lewis Robinson Walker Young Allen King Wright Scott Hill Green Adams "
               "Nelson Baker Hall Campbell Mitchell Carter Roberts O’Brien O'Connor McDonald MacLeod Fitzgerald "
               "Whitaker Ashworth Blackwood Penhaligon Featherstone",
     .male = "James John Robert Michael William David Richard Joseph Thomas Charles Daniel Matthew Anthony Mark "
             "Steven Andrew Paul Joshua Kevin Brian George Edward Ronald Timothy Jason Ryan Jacob Gary Nicholas Eric",
     .female = "Mary Patricia Jennifer Linda Elizabeth Barbara Susan Jessica Sarah Karen Nancy Lisa Margaret Betty "
               "Sandra Ashley Dorothy Kimberly Emily Donna Michelle Carol Amanda Melissa Deborah Stephanie Rebecca "
               "Laura Helen Mary-Ann"},
    {.name = "Spanish",
     .weight = 14,
     .surnames = Surnames::two,
     .race = "white",
     .ethnicity = "hispanic",
     .birthplace = "Guadalajara  Jalisco  MX",
     .family = "García Hernández Martínez López González Rodríguez Pérez Sánchez Ramírez Cruz Flores Gómez Morales "
               "Vázquez Reyes Jiménez Torres Díaz Gutiérrez Mendoza Ruiz Aguilar Ortiz Castillo Moreno Romero "
               "Álvarez Chávez Rivera Juárez Núñez Muñoz Peña Ibáñez Zúñiga Echeverría",
     .male = "José Luis Juan Carlos Francisco Jesús Antonio Miguel_Ángel Alejandro Pedro Manuel Fernando Jorge_Luis "
             "Ricardo Roberto Javier Raúl Sergio Andrés Ramón Héctor Óscar Joaquín Íñigo",
     .female = "María Guadalupe Juana Margarita Verónica Rosa_María Josefina Teresa Francisca Leticia Elena Alicia "
               "Gabriela Sofía Lucía Ana_Belén Carmen Beatriz Inés Itzel Ximena Begoña Concepción Mónica"},
    {.name = "French",
     .weight = 4,
     .surnames = Surnames::hyphenated,
     .race = "white",
     .ethnicity = "nonhispanic",
     .birthplace = "Lyon  Auvergne-Rhône-Alpes  FR",
     .family = "Martin Bernard Dubois Thomas Robert Richard Petit Durand Leroy Moreau Simon Laurent Lefèvre Michel "
               "Garcia David Bertrand Roux Vincent Fournier Morel Girard André Mercier Lefebvre François d’Aubigné "
               "Chevalier Gauthier Bélanger Côté",
     .male = "Jean Pierre Michel Philippe Alain Nicolas Christophe Éric Frédéric Laurent Stéphane Sébastien "
             "Jean-Baptiste François Jérôme Rémi Benoît Loïc Gaël Théo",
     .female = "Marie Nathalie Isabelle Sylvie Catherine Françoise Valérie Céline Aurélie Hélène Chloé Léa Anaïs Zoé "
               "Marie-Claire Bérénice Geneviève Océane Solène Éloïse"},
    {.name = "German",
     .weight = 4,
     .surnames = Surnames::hyphenated,
     .race = "white",
     .ethnicity = "nonhispanic",
     .birthplace = "München  Bayern  DE",
     .family = "Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Schäfer Koch Bauer "
               "Richter Klein Wolf Schröder Neumann Schwarz Zimmermann Braun Krüger Hofmann Hartmann Lange Krause "
               "Lehmann Köhler Weiß Größmann Jäger Böhm Groß Öttinger",
     .male = "Peter Michael Thomas Andreas Wolfgang Klaus Jürgen Günther Stefan Christian Uwe Werner Horst Frank "
             "Dieter Jörg Björn Sören Karl-Heinz Götz",
     .female = "Ursula Maria Monika Petra Elisabeth Sabine Renate Helga Karin Brigitte Ingrid Erika Andrea Gisela "
               "Käthe Jördis Anke Bärbel Hannelore Änne"},
    {.name = "Nordic",
     .weight = 4,
     .surnames = Surnames::plain,
     .race = "white",
     .ethnicity = "nonhispanic",
     .birthplace = "Århus  Midtjylland  DK",
     .family = "Hansen Johansson Andersen Nielsen Jensen Karlsson Pedersen Olsen Larsen Eriksson Sørensen Rasmussen "
               "Jørgensen Kristiansen Ødegård Bøe Åkesson Øverland Bjørnstad Sjöberg Lindström Nyström Ångström "
               "Korhonen Virtanen Mäkinen Nieminen Hämäläinen",
     .male = "Lars Anders Jan Per Erik Søren Jørgen Bjørn Åke Håkan Øyvind Knut Magnus Mikael Jukka Väinö Göran Pål "
             "Torbjörn Kåre",
     .female = "Anna Eva Maria Kirsten Karin Inger Åse Øydis Astrid Solveig Märta Sigrid Aino Päivi Ragnhild Gerda "
               "Bodil Tove Ylva Signe"},
    {.name = "Icelandic",
     .weight = 1,
     .surnames = Surnames::patronymic,
     .race = "white",
     .ethnicity = "nonhispanic",
     .birthplace = "Reykjavík  Höfuðborgarsvæðið  IS",
     .family = "Jón Sigurð Guðmund Gunnar Ólaf Einar Kristján Magnús Stefán Þór Björn Helga Árni Bjarni",
     .male = "Jón Sigurður Guðmundur Gunnar Ólafur Einar Kristján Magnús Stefán Þórður Björn Ægir Össur Ísak",
     .female = "Guðrún Anna Kristín Sigríður Margrét Helga Ingibjörg Jóhanna Þórunn Ásta Björk Hrafnhildur Æsa Unnur"},
    {.name = "Polish",
     .weight = 3,
     .surnames = Surnames::slavic,
     .race = "white",
     .ethnicity = "nonhispanic",
     .birthplace = "Łódź  Łódzkie  PL",
     .family = "Nowak Kowalski Wiśniewski Wójcik Kowalczyk Kamiński Lewandowski Zieliński Szymański Woźniak "
               "Dąbrowski Kozłowski Jankowski Mazur Krawczyk Piotrowski Grabowski Zając Pawłowski Król Wróbel "
               "Stępień Gąsior Żak Łuczak Błaszczykowski",
     .male = "Piotr Krzysztof Andrzej Tomasz Jan Paweł Michał Marcin Jakub Adam Łukasz Grzegorz Stanisław Zbigniew "
             "Józef Wojciech Rafał Władysław",
     .female = "Anna Maria Katarzyna Małgorzata Agnieszka Barbara Ewa Krystyna Elżbieta Magdalena Joanna Zofia Łucja "
               "Żaneta Bożena Grażyna Róża Wiesława"},
    {.name = "Czech",
     .weight = 2,
     .surnames = Surnames::plain,
     .race = "white",
     .ethnicity = "nonhispanic",
     .birthplace = "Plzeň  Plzeňský kraj  CZ",
     .family = "Novák Svoboda Novotný Dvořák Černý Procházka Kučera Veselý Horák Němec Pokorný Marek Růžička Beneš "
               "Fiala Sedláček Doležal Zeman Kolář Krejčí Čermák Šimek Říha Žižka",
     .male = "Jiří Jan Petr Josef Pavel Martin Tomáš Jaroslav Miroslav František Zdeněk Václav Ondřej Lukáš Vojtěch "
             "Řehoř",
     .female = "Jana Marie Eva Hana Anna Věra Alena Lenka Kateřina Lucie Zdeňka Jiřina Božena Květa Šárka Eliška"},
    {.name = "Turkish",
     .weight = 3,
     .race = "white",
     .ethnicity = "nonhispanic",
     .birthplace = "İzmir  Ege  TR",
     .family = "Yılmaz Kaya Demir Şahin Çelik Yıldız Yıldırım Öztürk Aydın Özdemir Arslan Doğan Kılıç Aslan Çetin "
               "Kara Koç Kurt Özkan Şimşek Güneş Ünal Işık Erdoğan",
     .male = "Mehmet Mustafa Ahmet Ali Hüseyin Hasan İbrahim İsmail Osman Yusuf Murat Ömer Ramazan Çağrı Oğuz Şükrü "
             "Işın Gökhan",
     .female = "Fatma Ayşe Emine Hatice Zeynep Elif Meryem Şerife Zehra Sultan Hanife Merve Özlem Gülşen Çiğdem İpek "
               "Işıl Tuğçe"},
    {.name = "Portuguese",
     .weight = 3,
     .surnames = Surnames::two,
     .race = "white",
     .ethnicity = "nonhispanic",
     .birthplace = "São Paulo  São Paulo  BR",
     .family = "Silva Santos Oliveira Souza Rodrigues Ferreira Alves Pereira Lima Gomes Costa Ribeiro Martins "
               "Carvalho Almeida Lopes Soares Fernandes Vieira Barbosa Gonçalves Araújo Conceição Magalhães Simões",
     .male = "José João Antônio Francisco Carlos Paulo Pedro Lucas Luiz Marcos Luís Gabriel Rafael Estêvão Sebastião "
             "Álvaro Vinícius Jônatas",
     .female = "Maria Ana Francisca Antônia Adriana Juliana Márcia Fernanda Patrícia Aline Conceição Lídia Inês "
               "Júlia Letícia Flávia Débora Íris"},
    {.name = "Vietnamese",
     .weight = 5,
     .race = "asian",
     .ethnicity = "nonhispanic",
     .birthplace = "Huế  Thừa Thiên Huế  VN",
     .family = "Nguyễn Trần Lê Phạm Hoàng Huỳnh Phan Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý Đoàn Trịnh Đinh Lâm Phùng "
               "Tôn_Nữ",
     .male = "Văn_Hùng Minh_Tuấn Quốc_Bảo Đức_Anh Hữu_Phước Thanh_Sơn Công_Danh Gia_Huy Anh_Dũng Trọng_Nghĩa Bá_Lộc "
             "Xuân_Trường Tấn_Phát Đình_Khôi",
     .female = "Thị_Hoa Thu_Hà Ngọc_Lan Phương_Thảo Mỹ_Linh Thanh_Trúc Kim_Ngân Bích_Ngọc Hồng_Nhung Tường_Vi "
               "Ánh_Tuyết Quỳnh_Anh Diễm_My Yến_Nhi"},
    {.name = "Arabic",
     .weight = 6,
     .race = "other",
     .ethnicity = "nonhispanic",
     .birthplace = "القاهرة  القاهرة  EG",
     .family = "محمد أحمد علي حسن إبراهيم محمود عبدالله حسين مصطفى السيد خليل يوسف عثمان الحربي العتيبي القحطاني "
               "الشمري الزهراني الغامدي المصري الخطيب النجار الحداد آل_ثاني بن_صالح الحمادي",
     .male = "محمد أحمد علي عمر يوسف خالد إبراهيم حسن حسين عبدالرحمن عبدالعزيز سعيد كريم طارق فيصل ماجد سامي آدم "
             "إسماعيل أيمن",
     .female = "فاطمة عائشة مريم زينب خديجة سارة نور ليلى هدى أمينة سلمى ياسمين رانيا دينا إيمان آية أسماء هبة منى "
               "شيماء"},
    {.name = "Persian",
     .weight = 2,
     .race = "other",
     .ethnicity = "nonhispanic",
     .birthplace = "شیراز  فارس  IR",
     .family = "محمدی حسینی احمدی رضایی کریمی موسوی جعفری صادقی قاسمی هاشمی نجفی یزدانی شیرازی تهرانی پهلوان گلستانی",
     .male = "محمد علی حسین رضا مهدی امیر حمید پویا کیوان آرش بهرام سیاوش کامران فرهاد",
     .female = "فاطمه زهرا مریم نرگس پریسا شیرین نازنین لیلا مهسا گلناز آناهیتا پروین ژاله سمیرا"},
    {.name = "Hebrew",
     .weight = 3,
     .race = "white",
     .ethnicity = "nonhispanic",
     .birthplace = "חיפה  מחוז חיפה  IL",
     .family = "כהן לוי מזרחי פרץ ביטון דהן אברהם פרידמן אזולאי מלכה כץ יוסף חדד עמר אוחיון שפירא בן_דוד גבאי "
               "הרשקוביץ רוזנברג",
     .male = "דוד משה יוסף אברהם יעקב יצחק דניאל מיכאל אריאל נועם איתי עומר אורי שמעון אליהו ראובן",
     .female = "שרה רחל רבקה לאה מרים אסתר חנה תמר נועה מאיה שירה יעל אביגיל דבורה רות אילנה"},
    {.name = "Chinese",
     .weight = 7,
     .race = "asian",
     .ethnicity = "nonhispanic",
     .birthplace = "成都  四川  CN",
     .family = "王 李 张 刘 陈 杨 黄 赵 吴 周 徐 孙 马 朱 胡 郭 何 高 林 罗 郑 梁 谢 宋 唐 許 鄧 馮 歐陽 司馬",
     .male = "伟 强 磊 军 洋 勇 杰 涛 明 超 建国 志强 浩然 子轩 宇航 俊杰 文博 家豪 國榮 德華",
     .female = "芳 娜 秀英 敏 静 丽 艳 娟 霞 秀兰 欣怡 梓涵 诗涵 雨桐 佳琪 雪梅 淑芬 美玲 麗華 曉彤"},
    {.name = "Japanese",
     .weight = 4,
     .race = "asian",
     .ethnicity = "nonhispanic",
     .birthplace = "大阪  大阪府  JP",
     .family = "佐藤 鈴木 高橋 田中 伊藤 渡辺 山本 中村 小林 加藤 吉田 山田 佐々木 山口 松本 井上 木村 林 斎藤 清水 "
               "山崎 阿部 森 池田 橋本 石川",
     .male = "大翔 蓮 悠真 湊 陽翔 健一 浩 誠 隆 学 太郎 一郎 翔太 拓也 直樹 大輔 リク ユウト ケンジ",
     .female = "陽葵 凛 結菜 葵 芽依 恵子 洋子 幸子 和子 美咲 さくら 愛 由美 真由美 明美 花子 ひまり サクラ ユイ"},
    {.name = "Korean",
     .weight = 4,
     .race = "asian",
     .ethnicity = "nonhispanic",
     .birthplace = "부산  부산광역시  KR",
     .family = "김 이 박 최 정 강 조 윤 장 임 한 오 서 신 권 황 안 송 류 홍 남궁 제갈",
     .male = "민준 서준 도윤 예준 시우 하준 지호 주원 지훈 준서 영수 성호 현우 정훈 동현 상철",
     .female = "서연 서윤 지우 서현 하은 민서 하윤 지유 윤서 채원 영희 미경 은정 수진 혜진 순자"},
    {.name = "Russian",
     .weight = 5,
     .surnames = Surnames::slavic,
     .race = "white",
     .ethnicity = "nonhispanic",
     .birthplace = "Казань  Татарстан  RU",
     .family = "Иванов Смирнов Кузнецов Попов Васильев Петров Соколов Михайлов Новиков Фёдоров Морозов Волков "
               "Алексеев Лебедев Семёнов Егоров Павлов Козлов Степанов Николаев Орлов Андреев Макаров Захаров Зайцев "
               "Соловьёв Воробьёв Королёв",
     .male = "Александр Сергей Владимир Дмитрий Алексей Андрей Николай Иван Михаил Евгений Юрий Фёдор Артём Пётр "
             "Игорь Олег Илья Семён",
     .female = "Елена Ольга Татьяна Наталья Ирина Анна Светлана Мария Екатерина Людмила Юлия Алёна Марина Галина "
               "Надежда Любовь Дарья Ксения"},
    {.name = "Ukrainian",
     .weight = 3,
     .race = "white",
     .ethnicity = "nonhispanic",
     .birthplace = "Київ  Київ  UA",
     .family = "Мельник Шевченко Бондаренко Коваленко Бойко Ткаченко Кравченко Ковальчук Коваль Олійник Шевчук "
               "Поліщук Ткачук Савченко Руденко Мороз Лисенко Їжакевич Гончаренко Ґудзь",
     .male = "Олександр Андрій Сергій Володимир Микола Іван Василь Тарас Богдан Юрій Дмитро Євген Олексій Ігор",
     .female = "Олена Наталія Тетяна Оксана Ірина Людмила Марія Юлія Ганна Зоряна Надія Єлизавета Соломія Інна"},
    {.name = "Greek",
     .weight = 3,
     .race = "white",
     .ethnicity = "nonhispanic",
     .birthplace = "Θεσσαλονίκη  Κεντρική Μακεδονία  GR",
     .family = "Παπαδόπουλος Βλάχος Αγγελόπουλος Νικολάου Γεωργίου Παππάς Οικονόμου Ιωάννου Δημητρίου Μακρής "
               "Καραγιάννης Αντωνίου Παναγιωτόπουλος Χριστοδούλου Σταυρόπουλος Λάμπρου Κωνσταντίνου Αλεξίου",
     .male = "Γεώργιος Ιωάννης Κωνσταντίνος Δημήτριος Νικόλαος Παναγιώτης Βασίλειος Χρήστος Αθανάσιος Μιχαήλ "
             "Ευάγγελος Σπυρίδων Ανδρέας Οδυσσέας",
     .female = "Μαρία Ελένη Αικατερίνη Βασιλική Σοφία Αγγελική Γεωργία Δήμητρα Κωνσταντίνα Παρασκευή Ευαγγελία Άννα "
               "Ευτυχία Χριστίνα"},
    {.name = "Hindi",
     .weight = 6,
     .race = "asian",
     .ethnicity = "nonhispanic",
     .birthplace = "वाराणसी  उत्तर प्रदेश  IN",
     .family = "कुमार शर्मा सिंह वर्मा गुप्ता यादव पाण्डेय मिश्रा तिवारी जोशी मेहता चौधरी त्रिपाठी श्रीवास्तव "
               "अग्रवाल दुबे राठौर ठाकुर",
     .male = "राजेश सुरेश रमेश महेश अमित विजय संजय अनिल सुनील राहुल रोहित विकास अर्जुन कृष्ण हरीश दिनेश",
     .female = "सुनीता अनीता गीता सीता प्रिया पूजा नेहा कविता रेखा मीना लक्ष्मी सरस्वती अंजलि दीपिका श्रेया शकुन्तला"},
    {.name = "Bengali",
     .weight = 2,
     .race = "asian",
     .ethnicity = "nonhispanic",
     .birthplace = "ঢাকা  ঢাকা  BD",
     .family = "ইসলাম হোসেন রহমান আহমেদ খান চৌধুরী দাস ঘোষ চট্টোপাধ্যায় মুখোপাধ্যায় সরকার বিশ্বাস মণ্ডল সেন",
     .male = "মোহাম্মদ রফিকুল আব্দুল সুব্রত অমিত প্রদীপ কামাল জাহিদ রবীন্দ্র সৌরভ",
     .female = "ফাতেমা নাসরিন সুমাইয়া রুমা শর্মিলা মৌসুমী আয়েশা তানিয়া পূর্ণিমা অপর্ণা"},
    {.name = "Tamil",
     .weight = 2,
     .race = "asian",
     .ethnicity = "nonhispanic",
     .birthplace = "மதுரை  தமிழ்நாடு  IN",
     .family = "முருகன் செல்வம் குமார் ராஜன் சுப்பிரமணியம் பாண்டியன் நடராஜன் கணேசன் சண்முகம் வேலு கிருஷ்ணன் இராமசாமி",
     .male = "கார்த்திக் அருண் சுரேஷ் விஜய் பிரகாஷ் செந்தில் மணி தினேஷ் அன்பு இளங்கோ",
     .female = "லட்சுமி மீனா கவிதா பிரியா செல்வி தமிழரசி அனிதா சுதா மாலதி வள்ளி"},
    {.name = "Thai",
     .weight = 3,
     .race = "asian",
     .ethnicity = "nonhispanic",
     .birthplace = "เชียงใหม่  เชียงใหม่  TH",
     .family = "แสงทอง ศรีสุข ทองดี บุญมา สุขใจ แก้วมณี จันทร์เพ็ญ พรหมมา วงศ์สวัสดิ์ ชัยมงคล เจริญสุข รัตนพันธ์ "
               "สายบุญ ใจดี อินทร์แก้ว ศักดิ์สิทธิ์",
     .male = "สมชาย สมศักดิ์ ประเสริฐ วิชัย สุชาติ ธนพล กิตติ อนุชา ณัฐพล ภานุวัฒน์ ชัยวัฒน์ ปิติ",
     .female = "สมหญิง มาลี สุดา นภา วิไล พรทิพย์ กัญญา อรุณี ณัฐธิดา ปิยะดา ศิริพร จันทร์จิรา"},
    {.name = "Georgian",
     .weight = 1,
     .race = "white",
     .ethnicity = "nonhispanic",
     .birthplace = "თბილისი  თბილისი  GE",
     .family = "ბერიძე კაპანაძე გელაშვილი მაისურაძე გიორგაძე ლომიძე წიკლაური კვარაცხელია ჯაფარიძე შენგელია",
     .male = "გიორგი დავით ნიკა ლევან ირაკლი ზურაბ თემურ ვახტანგ",
     .female = "ნინო მარიამ თამარ ანა ნანა ქეთევან ეკატერინე მანანა"},
    {.name = "Armenian",
     .weight = 1,
     .race = "white",
     .ethnicity = "nonhispanic",
     .birthplace = "Երևան  Երևան  AM",
     .family = "Գրիգորյան Հարությունյան Սարգսյան Հակոբյան Խաչատրյան Հովհաննիսյան Պետրոսյան Վարդանյան Գևորգյան "
               "Ղազարյան",
     .male = "Արամ Դավիթ Գոռ Նարեկ Տիգրան Հայկ Վահան Կարեն",
     .female = "Անի Մարիամ Նարե Լիլիթ Գայանե Սոնա Արփինե Հասմիկ"},
    {.name = "Amharic",
     .weight = 2,
     .race = "black",
     .ethnicity = "nonhispanic",
     .birthplace = "አዲስ አበባ  አዲስ አበባ  ET",
     .family = "ተስፋዬ በቀለ ከበደ ኃይሌ ገብረማርያም ወልደሚካኤል አበበ መንግስቱ ታደሰ ግርማ ደስታ ለማ",
     .male = "አበበ ዮሐንስ ዳዊት ሰለሞን ተስፋዬ ኃይሉ ብርሃኑ ጌታቸው",
     .female = "አልማዝ ሰላም ሕይወት ትዕግስት መሠረት ብርቱካን ገነት ሃና"},
};

}  // namespace

std::span<const Language> languages() { return all; }

}  // namespace medflow::generator
